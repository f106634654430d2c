import { promises as dns, type LookupAddress } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { AddressRefused, type WebhookSender } from "../../ports/webhook-sender.ts";

/** Milliseconds that a receiver has for its answer. */
const patience = 15_000;

/**
 * Webhooks over HTTP. The address is looked at when the connection is made, so that a name can't lead elsewhere than when it was checked;
 * `isAllowed` says which addresses may be connected to.
 */
export function webhookSender(isAllowed: (address: string) => boolean): WebhookSender {
  const resolve = async (hostname: string): Promise<LookupAddress[]> => {
    const host = hostname.replace(/^\[|\]$/g, "");
    const family = isIP(host);
    const addresses = family ? [{ address: host, family }] : await lookUp(host);
    const refused = addresses.find(({ address }) => !isAllowed(address));
    if (refused) {
      const named = refused.address === host ? host : `${host} (${refused.address})`;
      throw new AddressRefused(
        `${named} is of an inner network: webhooks go there only if PEDIGREE_WEBHOOK_ALLOW holds it`,
      );
    }
    return addresses;
  };
  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all || !first) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: Error) => done(error, ""),
    );
  };
  return {
    async check(url) {
      await resolve(new URL(url).hostname);
    },
    async post(url, headers, body, signal) {
      const target = new URL(url);
      // A host that is an address is never looked up.
      if (isIP(target.hostname.replace(/^\[|\]$/g, ""))) await resolve(target.hostname);
      return send(target, { method: "POST", headers, lookup, signal, agent: false, timeout: patience }, body);
    },
  };
}

async function lookUp(host: string): Promise<LookupAddress[]> {
  try {
    return await dns.lookup(host, { all: true });
  } catch {
    throw new AddressRefused(`${host} doesn't resolve`);
  }
}

function send(url: URL, options: http.RequestOptions, body: string): Promise<number> {
  const module = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = module.request(url, options, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy(); // nobody reads what a receiver has to say
    });
    const late = setTimeout(() => request.destroy(new Error("no answer for 15 seconds")), patience);
    request.on("close", () => clearTimeout(late));
    request.on("timeout", () => request.destroy(new Error("no answer for 15 seconds")));
    request.on("error", reject);
    request.end(body);
  });
}

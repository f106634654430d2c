import { promises as dns, type LookupAddress } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { AddressRefused, type WebhookSender } from "../../ports/webhook-sender.ts";

const responseTimeoutMs = 15_000;

/** The host of a URL, an IPv6 address without its brackets. */
function getHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/**
 * Webhooks over HTTP. `isAllowed` decides to which addresses it may connect; it is asked when a connection is made, so that a name can't resolve to
 * another address than when it was checked.
 */
export function webhookSender(isAllowed: (address: string) => boolean): WebhookSender {
  const resolveHost = async (host: string): Promise<LookupAddress[]> => {
    const family = isIP(host);
    const addresses = family ? [{ address: host, family }] : await lookUp(host);
    const refused = addresses.find(({ address }) => !isAllowed(address));
    if (refused) {
      const named = refused.address === host ? host : `${host} (${refused.address})`;
      throw new AddressRefused(
        `${named} is a private address; webhooks may go there only if PEDIGREE_WEBHOOK_ALLOW includes its network`,
      );
    }
    return addresses;
  };
  const lookup: LookupFunction = (hostname, options, done) => {
    resolveHost(hostname).then(
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
      await resolveHost(getHost(new URL(url)));
    },
    async post(url, headers, body, signal) {
      const target = new URL(url);
      // Node doesn't look up a host that is an address.
      if (isIP(getHost(target))) await resolveHost(getHost(target));
      return send(target, { method: "POST", headers, lookup, signal, agent: false, timeout: responseTimeoutMs }, body);
    },
  };
}

async function lookUp(host: string): Promise<LookupAddress[]> {
  try {
    return await dns.lookup(host, { all: true });
  } catch {
    throw new AddressRefused(`the host ${host} doesn't resolve`);
  }
}

function send(url: URL, options: http.RequestOptions, body: string): Promise<number> {
  const module = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = module.request(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy(); // its body is of no interest
    });
    const end = () => request.destroy(new Error(`no response within ${responseTimeoutMs / 1_000} seconds`));
    const timer = setTimeout(end, responseTimeoutMs);
    request.on("close", () => clearTimeout(timer));
    request.on("timeout", end);
    request.on("error", reject);
    request.end(body);
  });
}

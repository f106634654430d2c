/** Sends what webhooks tell to where they tell it; never to an address that the deployment doesn't allow. */
export interface WebhookSender {
  /** Resolves when the URL's host resolves, to allowed addresses alone; rejects with `AddressRefused` saying what is wrong. */
  check(url: string): Promise<void>;
  /**
   * POSTs the body and resolves with the answer's status, whatever it is; redirects aren't followed. Rejects with `AddressRefused`, or with an
   * error that says why there was no answer: refused, closed, silent for 15 seconds.
   */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<number>;
}

/** The host doesn't resolve, or resolves to an address that isn't allowed. */
export class AddressRefused extends Error {}

/** Sends webhook deliveries, and only to addresses that the deployment allows. */
export interface WebhookSender {
  /** Resolves when the URL's host resolves to allowed addresses only; otherwise rejects with `AddressRefused`, whose message says why. */
  check(url: string): Promise<void>;
  /**
   * POSTs the body and resolves with the status of the response, whatever it is; redirects aren't followed. Rejects with `AddressRefused`, or with
   * an error that says why there was no response: connection refused or closed, or no response within 15 seconds.
   */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<number>;
}

/** The host doesn't resolve, or resolves to an address that isn't allowed. */
export class AddressRefused extends Error {}

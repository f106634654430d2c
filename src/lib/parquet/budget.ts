/** Something that a preview does not show; the message says why, in words that follow a name. */
export class NotShown extends Error {}

const mebibyte = 2 ** 20;

/** What one preview may take. Sizes are in bytes, and are checked before memory is taken for them. */
export const limits = {
  /** Of the file, read by ranges; and of its footer. */
  read: 64 * mebibyte,
  footer: 16 * mebibyte,
  /** One page, as it is stored and unpacked; and all that is unpacked. */
  page: 32 * mebibyte,
  unpacked: 256 * mebibyte,
  /** Values of one column that are looked at, nested ones counted each. */
  values: 2 ** 19,
  /** Milliseconds of a processor, after which no further page is looked at: on a busy machine as much is shown as on an idle one. */
  ms: 3_000,
  /** Fields of the schema. */
  elements: 20_000,
};

/** Counts what a preview takes. */
export class Budget {
  private read = 0;
  private unpacked = 0;
  private readonly start = process.cpuUsage();

  private checkTime(): void {
    const { user, system } = process.cpuUsage(this.start);
    if (user + system > limits.ms * 1_000)
      throw new NotShown(`needs more than the ${limits.ms} ms of a processor that reading may take`);
  }

  addRead(bytes: number): void {
    this.checkTime();
    if (this.read + bytes > limits.read) throw new NotShown(`needs more than the ${limits.read} bytes that are read`);
    this.read += bytes;
  }

  addUnpacked(bytes: number): void {
    this.checkTime();
    if (this.unpacked + bytes > limits.unpacked)
      throw new NotShown(`needs more than the ${limits.unpacked} bytes that are unpacked`);
    this.unpacked += bytes;
  }
}

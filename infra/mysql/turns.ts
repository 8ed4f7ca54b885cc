import { within } from '../clock.ts';

/** Lets a few at a time through, in the order in which they came. */
export class Turns {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whoever took a turn passes it on. @throws TimeoutError when it does not come in time; what {@link refuse} is given. */
  async take(what: string, waitMs: number): Promise<void> {
    if (this.#taken < this.#most) {
      this.#taken += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own: Waiting = { go: resolve, refuse: reject };
    this.#waiting.push(own);
    try {
      await within(what, waitMs, promise);
    } catch (error) {
      const at = this.#waiting.indexOf(own);
      if (at >= 0) this.#waiting.splice(at, 1);
      // It came just when nobody waited for it any more.
      else promise.then(() => this.pass()).catch(() => {});
      throw error;
    }
  }

  pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next.go();
  }

  /** Sends away everybody who waits. */
  refuse(error: Error): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }
}

interface Waiting {
  readonly go: () => void;
  readonly refuse: (error: Error) => void;
}

import type { Client } from './client.ts';

/** What waits for a router to be settled, by the agent's own word. */
export class Settlements {
  readonly #waiting = new Map<string, (at: number) => void>();

  static async hear(client: Client, cause: 'intent' | 'drift'): Promise<Settlements> {
    const settlements = new Settlements();
    await client.hear('settled', ({ data, at }) => {
      const name = String(data['namespace']);
      if (data['cause'] === cause) settlements.#waiting.get(name)?.(at);
    });
    return settlements;
  }

  /** When it was heard. */
  async of(namespace: string): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(namespace, resolve));
  }
}

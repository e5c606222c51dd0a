// A watch and a reading that are begun before anybody has asked for them. They are the first things that the listening process
// asks for, and while it is started and loads its modules, the privileged one has nothing else to do.

import type { HostState } from '../../host/state.ts';
import type { Disturbance } from '../disturbance.ts';
import { joined } from '../disturbance.ts';
import type { Kernel } from '../kernel.ts';

type Listener = (disturbed: Disturbance) => void;

/** Whoever asks first gets what was begun; everybody after that, what the kernel has for them. */
export class HeadStart implements AsyncDisposable {
  readonly #kernel: Kernel;
  /** Until somebody has taken it. */
  #watch: Promise<AsyncDisposable> | undefined;
  #listener: Listener | undefined;
  /** Until somebody has taken it. */
  #state: Promise<HostState> | undefined;
  /** What came since the watch began, and has not been told. */
  #heard: Disturbance | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const watch = kernel.watch((disturbed) => this.#hear(disturbed));
    const state = watch.then(() => kernel.read());
    // Whoever takes them hears of it.
    state.catch(() => undefined);
    [this.#watch, this.#state] = [watch, state];
  }

  /** As `Kernel.watch`. Nothing is told before the reading that was begun is asked for. */
  watch(listener: Listener): Promise<AsyncDisposable> {
    const watch = this.#watch;
    if (watch === undefined) return this.#kernel.watch(listener);
    this.#watch = undefined;
    this.#listener = listener;
    return watch;
  }

  /** As `Kernel.read`. Who asks takes what changed during the reading for unsure: so all that changed since it began is told now. */
  read(): Promise<HostState> {
    const [state, listener, heard] = [this.#state, this.#listener, this.#heard];
    if (state === undefined || listener === undefined) return this.#kernel.read();
    this.#state = undefined;
    this.#heard = undefined;
    if (heard !== undefined) listener(heard);
    return state;
  }

  #hear(disturbed: Disturbance): void {
    if (this.#state === undefined) this.#listener?.(disturbed);
    else this.#heard = this.#heard === undefined ? disturbed : joined(this.#heard, disturbed);
  }

  /** Ends what nobody has taken. Resolves when nothing is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    const [watch, state] = [this.#watch, this.#state];
    await state?.catch(() => undefined);
    // One that could not begin has no end, and had nobody to tell.
    await (await watch?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}

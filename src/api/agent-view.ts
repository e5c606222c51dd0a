// What the HTTP room shows of the agent beside its store. The agent is not imported: it hands this in.

/** Something that happened, for `GET /v1/events`. Plain data: it goes to clients as JSON. */
export interface AgentEvent {
  /** The name of the event in the stream, one word: `kernel`, `drift`, `status`. (`intent` and `closing` are the stream's own.) */
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface AgentView {
  /** Of the host as Neutron would name it. */
  readonly host: string;
  readonly startedAt: Date;
  /** What `GET /v2.0/agents` shows as `configurations`. */
  configurations(): Readonly<Record<string, unknown>>;
  /** Undefined when the host has once been brought to what the store says; else what is waited for. */
  waitsFor(): string | undefined;
  /** The document of `GET /v1/status`. */
  status(): Promise<Readonly<Record<string, unknown>>>;
  /** Calls the listener with everything that happens from now on. Answers how to stop it. */
  onEvent(listener: (event: AgentEvent) => void): () => void;
}

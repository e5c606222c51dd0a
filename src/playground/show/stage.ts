// What the scenes share, and what one finds out for the next.

import type { Kernel } from '../../kernel/kernel.ts';
import type { Ipv4Address } from '../../model/address.ts';
import type { DemoReport } from '../demo-report.ts';
import type { Workload } from '../machine.ts';
import type { Playground } from '../playground.ts';
import type { AgentOnStage } from './agent-on-stage.ts';
import type { Requests } from './requests.ts';

export interface Stage {
  readonly playground: Playground;
  readonly agent: AgentOnStage;
  readonly requests: Requests;
  /** For looking only: what the agent did is seen in the kernel, and not believed. */
  readonly kernel: Kernel;
  readonly report: DemoReport;
}

/** What was made by way of the API. */
export interface Made {
  readonly networkId: string;
  readonly subnetId: string;
  readonly blue: Tenant;
  readonly green: Tenant;
}

export interface Tenant {
  readonly networkId: string;
  readonly subnetId: string;
  readonly routerId: string;
  /** Of the router, in the tenant's subnet. */
  readonly portId: string;
  /** Under the names of workloads. */
  readonly ports: ReadonlyMap<string, string>;
  /** Which has the floating IP. */
  readonly workload: Workload;
  readonly floatingIpId: string;
  readonly floating: Ipv4Address;
}

/** How long something may take that takes milliseconds when all is well. */
export const PATIENCE_MS = 10_000;

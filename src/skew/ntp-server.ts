import type { ClockReading } from '../model/clock.ts';
import type { DatagramClient } from '../net/datagram.ts';
import type { Budget } from '../net/limiter.ts';
import type { System } from '../system/system.ts';

export interface NtpServerPorts {
  readonly system: System;
  readonly datagrams: DatagramClient;
  /** Where each packet takes its permit from: the budget `ntp`. */
  readonly budget: Budget;
  /** Called after each packet has been answered or given up, and when the server is given up: look at `view` again. */
  changed(): void;
}

export interface NtpServerOptions {
  readonly host: string;
  readonly port: number;
  /** The time between two rounds. */
  readonly everyMs: number;
}

export interface NtpServerView {
  /** As configured: the host, and the port unless it is 123. */
  readonly source: string;
  /**
   * `waiting`: no answer is due yet. `silent`: it has not answered lately. `refused`: what it says is not believed, or
   * it wants not to be asked.
   */
  readonly state: 'answering' | 'silent' | 'refused' | 'waiting';
  /** The newest one; present exactly when it answers. Not widened by its age. */
  readonly reading?: ClockReading;
  readonly stratum?: number;
  /** A sentence for a person on why there is no reading. */
  readonly problem?: string;
}

/** Asks one server: a short burst until there is a reading, then one packet each round. */
export interface NtpServer {
  start(): void;
  /** Forgets the reading and begins with a burst again: for when the wall clock was set. Keeps the server's own refusals. */
  restart(): void;
  stop(): void;
  view(): NtpServerView;
}

export declare function createNtpServer(ports: NtpServerPorts, options: NtpServerOptions): NtpServer;

import type { BudgetDefinition, CheckDefinition, TokenDefinition } from '../model/check.ts';

export interface ServerDefinition {
  readonly host: string;
  readonly port: number;
  /** Whether `POST /-/reload` is answered. */
  readonly allowReload: boolean;
}

/** Where true time comes from, and how far this host may be from it. */
export interface ClockDefinition {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly everyMs: number;
  readonly toleranceMs: number;
}

/** What the files say, merged, with the chosen environment laid over, validated, and all references resolved. */
export interface Configuration {
  readonly server: ServerDefinition;
  readonly stateDir: string;
  readonly shutdownGraceMs: number;
  readonly clock: ClockDefinition;
  /** Always has `default`. */
  readonly budgets: readonly BudgetDefinition[];
  readonly tokens: readonly TokenDefinition[];
  /** All have the same set of labels. */
  readonly checks: readonly CheckDefinition[];
}

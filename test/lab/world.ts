import { type Api, type ApiOptions, startApi } from './api.ts';
import { type Control, startControl } from './control.ts';
import { type Issuer, type IssuerOptions, startIssuer } from './issuer.ts';

export interface WorldPorts {
  readonly issuer: number;
  readonly api: number;
  readonly control: number;
}

/** Where `checks/lab*.yaml` look for the lab; 7663 is sonde's own. */
export const labPorts: WorldPorts = { issuer: 7664, api: 7665, control: 7666 };

/** The options of both servers, beside the ports: on 127.0.0.1, free ones by default. */
export interface WorldOptions
  extends Omit<IssuerOptions, 'host' | 'port' | 'httpsOnly'>,
    Pick<ApiOptions, 'slowMs' | 'dpopNonces' | 'certificates'> {
  readonly ports?: WorldPorts;
}

/** An issuer, an API behind it, and the switch that breaks them. */
export interface World {
  readonly issuer: Issuer;
  readonly api: Api;
  readonly control: Control;
  /** The variables that `checks/lab*.yaml` refer to. Each call mints a new refresh token. */
  environment(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

/** Starts all of it or nothing; rejects with Node's error (`EADDRINUSE`) when a port is taken. */
export async function startWorld({
  ports = { issuer: 0, api: 0, control: 0 },
  ...options
}: WorldOptions = {}): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const issuer = opened.adopt(await startIssuer({ port: ports.issuer, ...options }), (it) => it.close());
  const { introspect, revoke } = issuer;
  const api = opened.adopt(await startApi({ port: ports.api, introspect, revoke, ...options }), (it) => it.close());
  const faults = { api: api.faults, issuer: issuer.faults };
  const control = opened.adopt(await startControl(ports.control, faults), (it) => it.close());
  const all = opened.move();
  return {
    issuer,
    api,
    control,
    environment: async () => ({
      LAB_USER_SECRET: issuer.clientSecret('lab-user'),
      LAB_SERVICE_SECRET: issuer.clientSecret('lab-service'),
      LAB_REFRESH_TOKEN: await issuer.mintRefreshToken('lab-user', ['models.read']),
    }),
    close: () => all.disposeAsync(),
  };
}

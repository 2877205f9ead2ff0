import type { HttpExchange, HttpRequest } from '../../src/net/http.ts';
import { httpKind } from '../../src/probes/http.ts';
import { answer, createProbeWorld, createScriptedHttp, httpSpec, noDatagrams } from './probe-world.ts';

/** Runs a spec once against a scripted fake client. */
export async function ask(
  spec: Parameters<typeof httpSpec>,
  reply: (request: HttpRequest, index: number) => Partial<HttpExchange> = () => ({ response: answer(200) }),
  world = createProbeWorld(),
) {
  const http = createScriptedHttp(reply);
  const probe = await httpKind.bind(httpSpec(...spec), { system: world.system, http, datagrams: noDatagrams });
  return { observation: await probe(world.context), requests: http.requests, world };
}

export const redirect = (status: number, location: string) => ({ response: answer(status, { location }) });

import { describe, expect, it } from 'vitest';
import { bindCheck } from '../../src/engine/bind-check.ts';
import type { CheckDefinition } from '../../src/model/check.ts';
import { ProbeSpecError } from '../../src/probes/probe.ts';
import { createProbeWorld, createScriptedHttp, httpSpec, noDatagrams } from '../probes/probe-world.ts';
import { scriptedCheck } from '../support/scripted-check.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

const reference = `\${vault:secret/lab#key}`;
const missingSecret = { reference, problem: 'Vault is sealed' };

function bind(spec: unknown, definition: Partial<CheckDefinition> = {}) {
  const system = createVirtualSystem();
  const written = scriptedCheck(system.clock, () => ({ phases: {}, facts: {} })).definition;
  const ports = { system, http: createScriptedHttp(() => ({})), datagrams: noDatagrams };
  return bindCheck({ ...written, kind: 'http', spec, ...definition }, ports);
}

describe('bindCheck', () => {
  it('binds a definition to its kind', async () => {
    const { identity } = await bind(httpSpec({ url: 'https://api.example.com/health?key=1' }));
    expect(identity).toEqual({
      name: 'check',
      kind: 'http',
      target: 'https://api.example.com/health',
      labels: {},
      intervalMs: 1000,
    });
  });

  it('refuses a kind that there is not', async () => {
    await expect(bind({}, { kind: 'gopher' })).rejects.toThrow('no kind of probe is named gopher');
  });

  it('tells what of a spec cannot be used', async () => {
    const spec = { ...httpSpec({}), url: 'ftp://example.com' };
    await expect(bind(spec)).rejects.toThrow(ProbeSpecError);
  });

  it('binds nothing of a check that waits for a secret, and shows its target as far as it is known', async () => {
    const withHeader = { ...httpSpec({}), client_certificate: reference, client_key: reference };
    const { identity, probe } = await bind(withHeader, { missingSecret });
    expect(identity.target).toBe('https://api.example.com/');
    await expect(probe(createProbeWorld().context)).rejects.toThrow('a check without its secret was run');
    const addressed = await bind({ ...httpSpec({}), url: reference }, { missingSecret });
    expect(addressed.identity.target).toBe(reference);
  });

  it('lets a bug in a kind through', async () => {
    await expect(bind(null, { missingSecret })).rejects.toThrow(TypeError);
  });
});

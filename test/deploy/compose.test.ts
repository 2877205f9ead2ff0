import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../src/model/duration.ts';
import { loadWell } from '../support/load-text.ts';

const folder = join(import.meta.dirname, '../../deploy/compose');
const text = (file: string) => readFile(join(folder, file), 'utf8');

/** The part of the Compose specification that the file uses: a key that is not in it is a mistake. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string() }).optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  depends_on: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  mem_limit: z.string().optional(),
  tmpfs: z.array(z.string()).optional(),
  volumes: z.array(z.string()),
  ports: z.array(z.string()),
});
const composeFile = z.strictObject({
  name: z.string(),
  services: z.strictObject({ sonde: service, prometheus: service }),
  volumes: z.record(z.string(), z.null()),
});

const { services, volumes } = composeFile.parse(parse(await text('compose.yaml')));
const shipped = await text('sonde/sonde.yaml');

it.each(Object.entries(services))('lets %s write nothing but what it is given, and gain no rights', (_, each) => {
  expect(each).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
});

it.each(Object.entries(services))(
  'mounts for %s only files that are there and volumes that are declared',
  async (_, each) => {
    for (const [source = ''] of each.volumes.map((volume) => volume.split(':')))
      if (source.startsWith('.')) await expect(stat(join(folder, source))).resolves.toBeDefined();
      else expect(Object.keys(volumes)).toContain(source);
  },
);

it('publishes to this host alone', () => {
  const published = Object.values(services).flatMap(({ ports }) => ports);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

it('builds from the Dockerfile that ships', async () => {
  const context = join(folder, services.sonde.build?.context ?? '');
  await expect(stat(join(context, 'Dockerfile'))).resolves.toBeDefined();
});

it('ships a configuration that loads, and gives sonde more time to end than that takes', async () => {
  const { configuration } = await loadWell(shipped);
  const graceMs = parseDuration(services.sonde.stop_grace_period ?? '') ?? 0;
  expect(graceMs).toBeGreaterThan(configuration.shutdownGraceMs);
});

it('has Prometheus scrape sonde by its name in the network, as it is and with the rules that it holds as a comment', async () => {
  const prometheus = await text('prometheus.yml');
  const withRules = prometheus.replace(/^ {4}# (?=[ m])(?!With)/gm, '    ');
  for (const each of [prometheus, withRules])
    expect(parse(each).scrape_configs).toEqual([
      expect.objectContaining({ static_configs: [{ targets: ['sonde:7663'] }] }),
    ]);
  expect(parse(withRules).scrape_configs[0].metric_relabel_configs).toEqual([
    { source_labels: ['__name__', 'check'], regex: 'probe_.+;(.+)', target_label: 'instance', replacement: '$1' },
  ]);
});

it('becomes valid with its secret when the comment marks are taken away', async () => {
  const withSecret = (await text('compose.yaml')).replace(
    /^( *)# (?=secrets:| +- client-secret| +client-secret:| +file:)/gm,
    '$1',
  );
  const file = z.object({
    services: z.object({ sonde: z.object({ secrets: z.array(z.string()) }) }),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  });
  const { services: withIt, secrets } = file.parse(parse(withSecret));
  expect(Object.keys(secrets)).toEqual(withIt.sonde.secrets);
});

import { execFile } from 'node:child_process';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Secret } from 'kubernetes-models/v1/Secret';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadWell } from '../support/load-text.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'deploy/kubernetes');

const text = (file: string) => readFile(join(folder, file), 'utf8');
const read = async (file: string) => parse(await text(file));

const config = new ConfigMap(await read('config.yaml'));
const secret = new Secret(await read('secret.yaml'));
const deployment = new Deployment(await read('deployment.yaml'));
const podMonitor = new PodMonitor(await read('podmonitor.yaml'));

const types = {
  'config.yaml': 'kubernetes-models/v1/ConfigMap',
  'deployment.yaml': 'kubernetes-models/apps/v1/Deployment',
  'podmonitor.yaml': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
  'secret.yaml': 'kubernetes-models/v1/Secret',
};

const pod = deployment.spec?.template.spec;
const sonde = pod?.initContainers?.find(({ name }) => name === 'sonde');
const service = pod?.containers[0];

/** The configuration of the ConfigMap, as sonde loads it; its secrets are not there. */
const load = async () => {
  const { configuration } = await loadWell(config.data?.['sonde.yaml'] ?? '', { unresolved: 'warning' });
  return configuration;
};

/** What sonde's container has under a path, as the volume says it. */
function volumeAt(path: string) {
  const mount = sonde?.volumeMounts?.find(({ mountPath }) => mountPath === path);
  return { readOnly: mount?.readOnly === true, volume: pod?.volumes?.find(({ name }) => name === mount?.name) };
}

/** What the compiler says of a manifest that is written down as a value of its type. */
async function compilerOn(manifests: Readonly<Record<string, unknown>>): Promise<string> {
  const place = await temporaryFolder();
  await symlink(join(root, 'node_modules'), join(place, 'node_modules'));
  for (const [file, path] of Object.entries(types)) {
    if (!(file in manifests)) continue;
    const type = `I${path.split('/').at(-1)}`;
    const value = JSON.stringify(manifests[file], undefined, 1);
    await writeFile(
      join(place, `${file}.ts`),
      `import type { ${type} } from '${path}';\nexport const manifest: ${type} = ${value};\n`,
    );
  }
  const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', skipLibCheck: true, types: [] };
  await writeFile(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(root, 'node_modules/typescript7/bin/tsc');
  const compiling = promisify(execFile)(process.execPath, [compiler, '-p', place], { cwd: place });
  return compiling.then(({ stdout }) => stdout).catch(({ stdout }: { stdout: string }) => stdout);
}

it('has a type for each manifest there is', async () => {
  expect((await readdir(folder)).sort()).toEqual(Object.keys(types));
});

it('is valid by the schemas of Kubernetes and of the Prometheus operator', () => {
  for (const manifest of [config, secret, deployment, podMonitor]) expect(() => manifest.validate()).not.toThrow();
});

it('has no key that Kubernetes or the operator does not know, which the schemas let pass', async () => {
  const files = await Promise.all(Object.keys(types).map(async (file) => [file, await read(file)]));
  expect(await compilerOn(Object.fromEntries(files))).toBe('');
  const misspelt = parse((await text('deployment.yaml')).replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem'));
  expect(await compilerOn({ 'deployment.yaml': misspelt })).toContain('readOnlyRootFileSystem');
});

it('holds a configuration that loads, whose secret is where the Secret is mounted', async () => {
  const { tokens } = await load();
  expect(tokens.map(({ grant }) => grant)).toEqual(['client_credentials']);
  const [, path = '', key = ''] = /\$\{file:(.+)\/([^/]+)\}/.exec(config.data?.['sonde.yaml'] ?? '') ?? [];
  expect(volumeAt(path)).toMatchObject({ readOnly: true, volume: { secret: { secretName: secret.metadata?.name } } });
  expect(Object.keys(secret.stringData ?? {})).toEqual([key]);
});

it('mounts what the image expects: configuration, and a state folder that can be written', () => {
  expect(volumeAt('/etc/sonde')).toMatchObject({
    readOnly: true,
    volume: { configMap: { name: config.metadata?.name } },
  });
  expect(volumeAt('/var/lib/sonde')).toMatchObject({ readOnly: false, volume: { emptyDir: {} } });
});

it('runs sonde as a native sidecar that can neither hold my-service up nor take it out of its Service', () => {
  expect(sonde?.restartPolicy).toBe('Always');
  expect(sonde).not.toHaveProperty('readinessProbe');
  expect(sonde).not.toHaveProperty('startupProbe');
  expect(sonde?.livenessProbe?.httpGet?.path).toBe('/-/healthy');
  expect(sonde?.ports).toEqual([{ name: sonde?.livenessProbe?.httpGet?.port, containerPort: 7663 }]);
});

it('gives sonde more time to end than it takes', async () => {
  const { shutdownGraceMs, tokens } = await load();
  const longestTokenMs = Math.max(...tokens.map((token) => ('timeoutMs' in token ? token.timeoutMs : 0)));
  expect((pod?.terminationGracePeriodSeconds ?? 0) * 1000).toBeGreaterThan(shutdownGraceMs + longestTokenMs);
});

it('gives each container no more than it needs', () => {
  expect(pod?.automountServiceAccountToken).toBe(false);
  expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  for (const container of [sonde, service]) {
    expect(container?.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(container?.resources?.limits).toHaveProperty('memory');
    expect(container?.resources?.limits).not.toHaveProperty('cpu');
  }
});

it('lets sonde read its Secret, and nobody who is not of its group', () => {
  const { volume } = volumeAt('/run/secrets/sonde');
  expect(volume?.secret?.defaultMode).toBe(0o440);
  expect(pod?.securityContext?.fsGroup).toBe(sonde?.securityContext?.runAsGroup);
});

it('is scraped by its annotations, or by a PodMonitor that finds the same Pods and the same port', () => {
  const { metadata } = deployment.spec?.template ?? {};
  expect(metadata?.annotations).toMatchObject({
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(sonde?.ports?.[0]?.containerPort),
    'prometheus.io/path': '/metrics',
  });
  const { selector, podMetricsEndpoints } = podMonitor.spec ?? {};
  expect(metadata?.labels).toMatchObject(selector?.matchLabels ?? {});
  expect(podMetricsEndpoints).toEqual([expect.objectContaining({ port: sonde?.ports?.[0]?.name, path: '/metrics' })]);
});

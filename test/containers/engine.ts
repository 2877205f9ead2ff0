import { hostname } from 'node:os';
import { type ContainerRuntimeClient, getContainerRuntimeClient } from 'testcontainers';

// What is left is removed below. Its own way would be one more image, which has to come from a registry.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

const runLabel = 'sonde.test.run';

/** Who owns what a run of the tests makes: this host, and the process that started the run. */
export const runName = (pid: number) => `${hostname()}-${pid}`;

export const runLabels = (run: string) => ({ [runLabel]: run });

/** Finds the engine as Docker's own tools do, by DOCKER_HOST and the usual sockets; undefined when none answers. */
export const findEngine = (): Promise<ContainerRuntimeClient | undefined> =>
  getContainerRuntimeClient().catch(() => undefined);

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

function isOver(run: string | undefined): boolean {
  const [, host, pid] = /^(.+)-(\d+)$/.exec(run ?? '') ?? [];
  return host === hostname() && !isAlive(Number(pid));
}

/**
 * Removes the containers, networks and volumes of `run`, and those of runs on this host that were killed before they
 * could.
 */
export async function removeLeftovers(
  { container: { dockerode } }: ContainerRuntimeClient,
  run: string,
): Promise<void> {
  const filters = { label: [runLabel] };
  const isOurs = (owner: string | undefined) => owner === run || isOver(owner);
  for (const { Id, Labels } of await dockerode.listContainers({ all: true, filters }))
    if (isOurs(Labels[runLabel])) await dockerode.getContainer(Id).remove({ force: true, v: true });
  for (const { Id, Labels } of await dockerode.listNetworks({ filters }))
    if (isOurs(Labels?.[runLabel])) await dockerode.getNetwork(Id).remove();
  for (const { Name, Labels } of (await dockerode.listVolumes({ filters })).Volumes)
    if (isOurs(Labels[runLabel])) await dockerode.getVolume(Name).remove();
}

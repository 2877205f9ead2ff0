import { getContainerRuntimeClient } from 'testcontainers';
import { expect, it } from 'vitest';
import { removeLeftovers, runLabels, runName } from './engine.ts';
import { describeWithContainers } from './stage.ts';

/** Above what Linux gives out by default. */
const noProcess = 2 ** 22 + 1;

describeWithContainers('what runs leave behind', () => {
  it('is removed when the run is over or was killed, and left alone while another one goes on', async () => {
    const client = await getContainerRuntimeClient();
    const { dockerode } = client.container;
    const runs = { mine: 'mine', killed: runName(noProcess), going: runName(process.pid), elsewhere: 'elsewhere-1' };
    for (const run of Object.values(runs)) {
      await dockerode.createNetwork({ Name: `sonde-test-${run}`, Labels: runLabels(run) });
      await dockerode.createVolume({ Name: `sonde-test-${run}`, Labels: runLabels(run) });
    }

    await removeLeftovers(client, runs.mine);
    const networks = await dockerode.listNetworks();
    const { Volumes: volumes } = await dockerode.listVolumes();
    const left = (found: readonly { readonly Name: string }[]) =>
      Object.entries(runs).flatMap(([key, run]) =>
        found.some(({ Name }) => Name === `sonde-test-${run}`) ? [key] : [],
      );
    expect([left(networks), left(volumes)]).toEqual([
      ['going', 'elsewhere'],
      ['going', 'elsewhere'],
    ]);

    await removeLeftovers(client, runs.going);
    await removeLeftovers(client, runs.elsewhere);
    expect(left(await dockerode.listNetworks())).toEqual([]);
  });
});

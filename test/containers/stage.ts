import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { describe, inject } from 'vitest';
import { runLabels } from './engine.ts';

/** A suite that needs the engine: left out where there is none, unless the engine is required. */
export const describeWithContainers = describe.skipIf(!inject('containers'));

/** A container that can be told what Docker knows and its base class cannot. */
class StageContainer extends GenericContainer {
  /** As `docker run --read-only`. */
  withReadOnlyRoot(): this {
    this.hostConfig.ReadonlyRootfs = true;
    return this;
  }
}

/** A network of its own and what runs on it; all of it is gone after `dispose`. */
export interface Stage extends AsyncDisposable {
  /** A container that others reach by the name `alias`. */
  container(image: string, alias: string): StageContainer;
  start(container: StageContainer): Promise<StartedTestContainer>;
  /** The name of a new and empty volume. */
  volume(): Promise<string>;
  /** Has this done at the end, before what was made earlier is removed. */
  defer(end: () => Promise<void>): void;
}

let made = 0;

export async function openStage(): Promise<Stage> {
  const {
    container: { dockerode },
  } = await getContainerRuntimeClient();
  const labels = runLabels(inject('run'));
  const newName = () => `sonde-test-${inject('run')}-${process.pid}-${++made}`;

  await using opening = new AsyncDisposableStack();
  const name = newName();
  opening.adopt(await dockerode.createNetwork({ Name: name, Labels: labels }), (network) => network.remove());
  const opened = opening.move();
  return {
    container: (image, alias) =>
      new StageContainer(image).withLabels(labels).withNetworkMode(name).withNetworkAliases(alias),
    async start(container) {
      const started = await container.start();
      opened.defer(async () => void (await started.stop()));
      return started;
    },
    async volume() {
      const created = await dockerode.createVolume({ Name: newName(), Labels: labels });
      opened.defer(() => created.remove());
      return created.name;
    },
    defer: (end) => opened.defer(end),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

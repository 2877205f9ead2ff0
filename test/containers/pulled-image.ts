import { styleText } from 'node:util';
import { getContainerRuntimeClient, ImageName } from 'testcontainers';
import { inject } from 'vitest';

/** A registry that is there begins to answer at once; the image itself may take long. */
const longestPullMs = 600_000;

/**
 * An image that no Dockerfile of ours makes, as the engine has it or pulls it. Undefined where neither will do, which is
 * said in one line: without a registry nobody can have it, so what needs it is left out rather than failed.
 */
export async function pulledImage(name: string): Promise<string | undefined> {
  // Without an engine the other suites are left out too, and that has been said.
  if (!inject('containers')) return undefined;
  const { container, image } = await getContainerRuntimeClient();
  if (await image.exists(ImageName.fromString(name))) return name;
  try {
    const pulling = await container.dockerode.pull(name, { abortSignal: AbortSignal.timeout(longestPullMs) });
    await new Promise<void>((resolve, reject) =>
      container.dockerode.modem.followProgress(pulling, (error) => (error ? reject(error) : resolve())),
    );
    return name;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const line = `The image ${name} cannot be had here, so its tests were left out: ${why.replaceAll(/\s+/g, ' ')}`;
    process.stderr.write(`${styleText('yellow', line)}\n`);
    return undefined;
  }
}

import { httpKind } from './http.ts';
import { ntpKind } from './ntp.ts';
import type { ProbeKind } from './probe.ts';

/** All kinds of probe. A new kind is one file beside this one, and one name here. */
export const probeKinds: readonly ProbeKind[] = [httpKind, ntpKind];

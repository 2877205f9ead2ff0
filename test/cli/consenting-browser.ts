import { consent } from '../lab/person.ts';

/** What `BROWSER` names in tests: a person who consents to whatever address is opened, and comes back. */
const [, , address = ''] = process.argv;
await fetch(await consent(address));

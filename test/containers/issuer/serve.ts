import { createServer } from 'node:http';
import { startApi } from '../../lab/api.ts';
import { startIssuer } from '../../lab/issuer.ts';

const port = 7664;
const controlPort = 7665;
const apiPort = 7666;

/** The name by which the other containers reach this one. */
const host = process.env.ISSUER_HOST ?? 'localhost';
const issuer = await startIssuer({ host, port, accessTokenSeconds: 20 });
await startApi({ host, port: apiPort, introspect: issuer.introspect, revoke: issuer.revoke });

/** For the test alone: what a person's consent would have brought, and how often tokens were asked for. */
const answers: Readonly<Record<string, () => unknown>> = {
  '/credentials': async () => ({
    client_secret: issuer.clientSecret('lab-user'),
    refresh_token: await issuer.mintRefreshToken('lab-user', ['models.read']),
  }),
  '/signing-clients': () => ({
    private_key: issuer.clientKey('lab-key').pem,
    dpop_secret: issuer.clientSecret('lab-dpop'),
  }),
  '/token-requests': () => issuer.tokenRequests(),
};

createServer(async (request, response) => {
  const answer = answers[request.url ?? ''];
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify((await answer?.()) ?? null));
}).listen(controlPort);

process.on('SIGTERM', () => process.exit());

// The image's HEALTHCHECK, for an image without curl. It asks by the control socket, so it holds whatever --listen says.
import { get } from 'node:http';

const socketPath = process.argv[2] ?? '/var/lib/sonde/sonde.sock';

get({ socketPath, path: '/-/healthy', timeout: 4000 }, (response) => {
  process.exitCode = response.statusCode === 200 ? 0 : 1;
  response.resume();
})
  .on('timeout', function giveUp() {
    this.destroy(new Error('no answer within 4 s'));
  })
  .on('error', ({ message }) => {
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  });

// Starts muster-sandbox with TLS and runs clients.test.mjs against it.
// Usage: node run.mjs PATH-OF-MUSTER-SANDBOX
// The tests are a process of their own because Node reads NODE_EXTRA_CA_CERTS only when it starts.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const program = process.argv[2] ?? join(here, '../../../build/bin/muster-sandbox');

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

if (!existsSync(join(here, 'node_modules')))
  fail(`The packages of ${here} are not installed. Run scripts/setup, which installs them (npm ci).`);
if (!existsSync(program)) fail(`There is no ${program}. Build it first.`);

const folder = mkdtempSync(join(tmpdir(), 'muster-clients-'));
const file = (name) => join(folder, name);

/** A key and a self-signed certificate in one PEM file, as @azure/identity wants them. */
function makeCertificate(name) {
  const pem = file(name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
    '/CN=muster-clients', '-keyout', pem, '-out', `${pem}.crt`], { stdio: 'pipe' });
  execFileSync('sh', ['-c', 'cat "$1.crt" >> "$1"', 'sh', pem]);
  return pem;
}

const known = makeCertificate('known.pem');
const unknown = makeCertificate('unknown.pem');
const world = join(here, '../../worlds/kubernetes-csi.ndjson');
const sandbox = spawn(program, ['--tls', '--ca-out', file('ca.pem'), '--world', world,
  '--certificate', known], { stdio: ['ignore', 'pipe', 'inherit'] });
sandbox.on('error', (error) => fail(`muster-sandbox did not start: ${error.message}`));

const ready = await new Promise((resolve) => {
  createInterface({ input: sandbox.stdout }).once('line', (line) => resolve(JSON.parse(line)));
  sandbox.once('exit', () => resolve(undefined));
});
let status = 1;
try {
  if (ready === undefined) fail('muster-sandbox ended before it was ready.');
  status = spawnSync(process.execPath, ['--test', join(here, 'clients.test.mjs')], {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: file('ca.pem'),
      SANDBOX_URL: ready.url,
      SANDBOX_CERTIFICATE: known,
      SANDBOX_UNKNOWN_CERTIFICATE: unknown,
    },
  }).status ?? 1;
} finally {
  sandbox.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);

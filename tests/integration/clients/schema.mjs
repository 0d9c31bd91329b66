// Validates every answer of Graph that passes through fetch against the strict schema.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const here = dirname(fileURLToPath(import.meta.url));
const schema = JSON.parse(readFileSync(join(here, '../../sandbox/graph-strict.schema.json'), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(schema);

/** The schema of a 2xx answer by the path after /v1.0. */
const shapes = [
  [/^\/groups\/delta$/, 'group.deltaPage'],
  [/^\/users\/delta$/, 'user.deltaPage'],
  [/^\/devices\/delta$/, 'device.deltaPage'],
  [/^\/groups$/, 'group.collection'],
  [/^\/users$/, 'user.collection'],
  [/^\/devices$/, 'device.collection'],
  [/^\/organization$/, 'organization.collection'],
  [/^\/groups\/[^/]+\/(members|owners|transitiveMembers)/, 'directoryObject.any.collection'],
  [/^\/directoryObjects\/getByIds$/, 'directoryObject.any.collection'],
  [/^\/directory\/deletedItems\/microsoft\.graph\.group$/, 'group.collection'],
  [/^\/directory\/deletedItems\/microsoft\.graph\.user$/, 'user.collection'],
  [/^\/groups\/[^/]+$/, 'group'],
  [/^\/users\/[^/]+$/, 'user'],
  [/^\/devices\/[^/]+$/, 'device'],
];

let validated = 0;
export const validatedAnswers = () => validated;

/** Throws when the body is not what the schema says for that path and status. */
export function validateBody(path, status, body) {
  const name = status >= 400 ? 'error' : shapes.find(([pattern]) => pattern.test(path))?.[1];
  if (name === undefined) throw new Error(`no schema is known for ${path}`);
  const validate = ajv.getSchema(`${schema.$id}#/$defs/${name}`);
  if (!validate(body))
    throw new Error(`${path} is no ${name}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body).slice(0, 500)}`);
  validated += 1;
}

const realFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const response = await realFetch(input, init);
  const { pathname } = new URL(typeof input === 'string' ? input : input.url);
  const path = decodeURIComponent(pathname).replace(/^\/v1\.0/, '');
  if (pathname === path || path === '/$batch' || path.endsWith('/$count')) return response;
  validateBody(path, response.status, await response.clone().json());
  return response;
};

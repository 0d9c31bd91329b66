// The sandbox as Microsoft's own clients see it. run.mjs starts it and gives its address.
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { before, beforeEach, test } from 'node:test';
import { validateBody, validatedAnswers } from './schema.mjs';
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';

const url = process.env.SANDBOX_URL;
const tenant = 'ade295e9-3b5e-589e-84e0-e0630fdd1d82';
const clientId = '9a1b0000-0000-4000-8000-000000000002';
const scope = 'https://graph.microsoft.com/.default';
const options = { authorityHost: url, disableInstanceDiscovery: true };

/** Calls the control API. */
function control(method, path, body) {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/sandbox/${path}`, { method }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text)));
    });
    call.on('error', reject);
    call.end(body === undefined ? '' : JSON.stringify(body));
  });
}

const bySecret = (secret = 'sandbox-secret') =>
  new ClientSecretCredential(tenant, clientId, secret, options);

function graph(credential = bySecret()) {
  const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [scope] });
  return Client.initWithMiddleware({
    authProvider,
    baseUrl: `${url}/`,
    defaultVersion: 'v1.0',
    customHosts: new Set(['localhost']),
  });
}

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** Walks all pages of a round with the SDK's PageIterator; gives the objects and the deltaLink. */
async function walk(client, link) {
  const objects = [];
  const iterator = new PageIterator(client, await client.api(link).get(), (object) => {
    objects.push(object);
    return true;
  });
  await iterator.iterate();
  return { objects, deltaLink: iterator.getDeltaLink() };
}

/** A mirror as naive as can be: upserts and removals in the order of arrival. */
class Mirror {
  #objects = new Map();

  apply(objects) {
    for (const object of objects) {
      if (object['@removed']) {
        this.#objects.delete(object.id);
        continue;
      }
      const known = this.#objects.get(object.id) ?? { members: new Set(), owners: new Set() };
      for (const [key, value] of Object.entries(object))
        if (!key.endsWith('@delta')) known[key] = value;
      for (const relation of ['members', 'owners'])
        for (const link of object[`${relation}@delta`] ?? [])
          known[relation][link['@removed'] ? 'delete' : 'add'](link.id);
      this.#objects.set(object.id, known);
    }
  }

  has(id) {
    return this.#objects.has(id);
  }

  ids() {
    return [...this.#objects.keys()].sort();
  }

  entries() {
    return [...this.#objects.values()].sort((a, b) => a.id.localeCompare(b.id));
  }
}

beforeEach(async () => {
  await control('DELETE', 'faults');
  await control('POST', 'settings', {
    roles: ['GroupMember.Read.All', 'User.Read.All', 'Device.Read.All'],
    pageObjects: 7,
    pageLinks: 11,
    scatterLinks: 0,
    throttleUnits: 0,
  });
});

test('a secret gives a token with the roles and the tenant', async () => {
  const { token } = await bySecret().getToken(scope);
  const claims = claimsOf(token);
  assert.equal(claims.tid, tenant);
  assert.equal(claims.idtyp, 'app');
  assert.deepEqual(claims.roles, ['GroupMember.Read.All', 'User.Read.All', 'Device.Read.All']);
});

test('a certificate gives a token that Graph takes', async () => {
  const credential = new ClientCertificateCredential(
    tenant, clientId, { certificatePath: process.env.SANDBOX_CERTIFICATE }, options);
  const { value } = await graph(credential).api('/organization').get();
  assert.equal(value[0].id, tenant);
});

test('a wrong secret is AADSTS7000215', async () => {
  await assert.rejects(bySecret('wrong').getToken(scope), /AADSTS7000215/);
});

test('an unregistered certificate is AADSTS700027', async () => {
  const credential = new ClientCertificateCredential(
    tenant, clientId, { certificatePath: process.env.SANDBOX_UNKNOWN_CERTIFICATE }, options);
  await assert.rejects(credential.getToken(scope), /AADSTS700027/);
});

test('an unknown tenant is AADSTS90002', async () => {
  const credential = new ClientSecretCredential(
    '00000000-0000-4000-8000-000000000000', clientId, 'sandbox-secret', options);
  await assert.rejects(credential.getToken(scope), /90002|endpoints_resolution_error/);
});

test('delta rounds through the whole history mirror the world', async () => {
  const client = graph();
  const start = {
    groups: '/groups/delta?$select=displayName,description,groupTypes,mail,members,owners',
    users: '/users/delta?$select=displayName,mail,userPrincipalName,accountEnabled,otherMails',
    devices: '/devices/delta?$select=displayName,deviceId',
  };
  const mirrors = { groups: new Mirror(), users: new Mirror(), devices: new Mirror() };
  const links = { ...start };
  for (let left = 1; left > 0;) {
    for (const kind of Object.keys(links)) {
      const { objects, deltaLink } = await walk(client, links[kind]);
      assert.ok(deltaLink, `${kind} has no deltaLink`);
      mirrors[kind].apply(objects);
      links[kind] = deltaLink;
    }
    const world = await control('GET', `world/${tenant}`);
    for (const kind of ['users', 'devices'])
      assert.deepEqual(mirrors[kind].ids(), world[kind].map(({ id }) => id).sort());
    const lives = (id) => ['groups', 'users', 'devices'].some((kind) => mirrors[kind].has(id));
    assert.deepEqual(
      mirrors.groups.entries().map((group) => [
        group.id, group.displayName, group.description,
        [...group.members].filter(lives).sort(), [...group.owners].filter(lives).sort()]),
      world.groups.sort((a, b) => a.id.localeCompare(b.id)).map((group) => [
        group.id, group.displayName, group.description, group.members.sort(), group.owners.sort()]));
    ({ left } = await control('POST', 'advance', { tenant, steps: 9 }));
  }
});

test('an unchanged tenant answers an empty page with a deltaLink', async () => {
  const client = graph();
  const { deltaLink } = await walk(client, '/groups/delta?$deltatoken=latest');
  const { objects, deltaLink: next } = await walk(client, deltaLink);
  assert.deepEqual(objects, []);
  assert.ok(next);
});

test('a group comes on several pages when its members do not fit', async () => {
  await control('POST', 'settings', { pageLinks: 2, scatterLinks: 1 });
  const { objects } = await walk(graph(), '/groups/delta?$select=displayName,members');
  const ids = objects.map(({ id }) => id);
  assert.ok(ids.length > new Set(ids).size);
});

test('members agree with what delta says', async () => {
  const client = graph();
  const world = await control('GET', `world/${tenant}`);
  for (const group of world.groups.slice(0, 8)) {
    for (const relation of ['members', 'owners', 'transitiveMembers']) {
      const { objects } = await walk(client, `/groups/${group.id}/${relation}?$select=id,displayName&$top=3`);
      if (relation !== 'transitiveMembers')
        assert.deepEqual(objects.map(({ id }) => id).sort(), group[relation].sort());
    }
  }
});

test('everything else that is read fits the schema', async () => {
  const client = graph();
  const world = await control('GET', `world/${tenant}`);
  for (const path of ['/groups', '/users', '/devices', '/groups?$top=2&$select=displayName,visibility',
    '/users?$select=accountEnabled,proxyAddresses,onPremisesSyncEnabled', '/organization',
    `/groups/${world.groups[0].id}`, `/users/${world.users[0].id}`,
    `/devices/${world.devices[0].id}`, '/directory/deletedItems/microsoft.graph.user'])
    await walkAny(client, path);
  await control('POST', 'settings', { roles: ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'] });
  const all = graph();
  await walkAny(all, '/directory/deletedItems/microsoft.graph.group');
  const found = await all.api('/directoryObjects/getByIds')
    .post({ ids: [world.users[0].id, world.groups[0].id], types: ['user', 'group'] });
  assert.equal(found.value.length, 2);
});

async function walkAny(client, path) {
  const answer = await client.api(path).get();
  if (answer.value) await new PageIterator(client, answer, () => true).iterate();
}

test('members of a kind that the app may not read have an id and nothing else', async () => {
  await control('POST', 'settings', { roles: ['GroupMember.Read.All', 'Group.Read.All'] });
  const world = await control('GET', `world/${tenant}`);
  const group = world.groups.find(({ members }) => members.length > 0);
  const { value } = await graph().api(`/groups/${group.id}/members?$select=displayName,mail`).get();
  for (const member of value.filter((one) => one['@odata.type'] === '#microsoft.graph.user'))
    assert.deepEqual([member.displayName, member.mail], [null, null]);
});

test('a missing role is 403 Authorization_RequestDenied', async () => {
  await control('POST', 'settings', { roles: ['GroupMember.Read.All'] });
  await assert.rejects(graph().api('/users/delta').get(),
    { statusCode: 403, code: 'Authorization_RequestDenied' });
});

test('the RetryHandler waits as Retry-After says and goes on', async () => {
  await control('POST', 'faults', {
    match: { route: 'graph.organization' }, times: 2, kind: 'throttle', retryAfter: 0.2,
  });
  const began = Date.now();
  const { value } = await graph().api('/organization').get();
  assert.equal(value[0].id, tenant);
  assert.ok(Date.now() - began >= 390);
  assert.equal((await control('GET', 'faults'))[0].hit, 2);
});

test('an expired cursor is 410 with the location of a new start', async () => {
  const client = graph();
  const { deltaLink } = await walk(client, '/groups/delta?$select=displayName&$deltatoken=latest');
  await control('POST', 'faults', { match: { route: 'graph.groups.delta' }, kind: 'expireCursor' });
  const error = await client.api(deltaLink).get().catch((caught) => caught);
  assert.equal(error.statusCode, 410);
  assert.equal(error.headers.get('location'), `${url}/v1.0/groups/delta?$select=displayName&$deltatoken=`);
  const { objects } = await walk(client, error.headers.get('location'));
  assert.ok(objects.length > 0);
});

test('a batch answers each request by itself, in any order', async () => {
  await control('POST', 'faults', {
    match: { route: 'graph.devices.list' }, kind: 'throttle', retryAfter: 3,
  });
  const paths = { one: '/organization', two: '/groups/00000000-0000-4000-8000-000000000000', three: '/devices' };
  const batch = new BatchRequestContent(Object.entries(paths)
    .map(([id, path]) => ({ id, request: new Request(`${url}/v1.0${path}`, { method: 'GET' }) })));
  const content = await batch.getContent();
  const answer = await graph().api('/$batch').post(content);
  const responses = new BatchResponseContent(answer);
  const statuses = Object.keys(paths).map((id) => responses.getResponseById(id).status);
  assert.deepEqual(statuses, [200, 404, 429]);
  assert.equal(responses.getResponseById('three').headers.get('retry-after'), '3');
  for (const { id, status, body } of answer.responses) validateBody(paths[id], status, body);
});

test('all of this was validated', () => {
  assert.ok(validatedAnswers() > 100, `${validatedAnswers()} answers`);
});

before(() => assert.ok(url, 'run.mjs starts the sandbox and this file'));

// A SCIM 2.0 service that was not written here: SCIMMY behind Express, with lists in memory. Filters,
// paging, PATCH and errors are SCIMMY's; ours is where resources are kept, and that a userName is
// there once.
// Usage: node scim-server.mjs; its URL is the one line that it prints.
// The token is "sandbox-token". GET /log says which requests came.
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

/** Resources of one type, by id; `unique` is an attribute that two may not share. */
function keep(type, unique) {
  const kept = new Map();
  let last = 0;
  const find = (id) => {
    if (!kept.has(id)) throw new SCIMMY.Types.Error(404, null, `there is no ${id}`);
    return kept.get(id);
  };
  SCIMMY.Resources.declare(type)
    .ingress((resource, data) => {
      if (resource.id) find(resource.id);
      const value = unique && String(data[unique]).toLowerCase();
      for (const other of kept.values())
        if (unique && other.id !== resource.id && other[unique].toLowerCase() === value)
          throw new SCIMMY.Types.Error(409, 'uniqueness', `there is a ${unique} ${data[unique]}`);
      const id = resource.id ?? String(++last);
      const meta = { created: new Date().toISOString(), lastModified: new Date().toISOString() };
      kept.set(id, { ...JSON.parse(JSON.stringify(data)), id, meta });
      return kept.get(id);
    })
    .egress((resource) => {
      if (resource.id) return find(resource.id);
      return resource.filter ? resource.filter.match([...kept.values()]) : [...kept.values()];
    })
    .degress((resource) => {
      find(resource.id);
      kept.delete(resource.id);
    });
}

keep(SCIMMY.Resources.User, 'userName');
keep(SCIMMY.Resources.Group);
SCIMMY.Config.set({ patch: true, filter: { supported: true, maxResults: 1000 }, bulk: false });

const requests = [];
const app = express();
// SCIMMY takes numbers for a page's place and size, and a query has texts only.
app.set('query parser', (text) => Object.fromEntries([...new URLSearchParams(text)].map(
  ([name, value]) => [name, ['startIndex', 'count'].includes(name) ? Number(value) : value])));
app.get('/log', (request, response) => response.json(requests));
app.use((request, response, next) => {
  requests.push(`${request.method} ${request.path.replace(/\/[0-9]+$/, '/ID')}`);
  next();
});
app.use('/scim', new SCIMMYRouters({
  type: 'bearer',
  handler: (request) => {
    if (request.header('Authorization') !== 'Bearer sandbox-token') throw new Error('Not this token');
    return 'muster';
  },
}));

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

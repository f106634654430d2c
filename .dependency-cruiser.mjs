// Who may import whom. Rooms are listed from the inside out; each may import itself and what its line names.
const rooms = {
  lib: [],
  client: [],
  model: ["lib"],
  ports: ["lib", "model"],
  domain: ["lib", "model", "ports"],
  auth: ["lib", "model", "domain"],
  graphql: ["lib", "model", "domain", "auth"],
  live: ["lib", "model", "domain", "auth", "graphql"],
  http: ["lib", "model", "ports", "domain", "auth", "graphql", "live"],
};

const roomRules = Object.entries(rooms).map(([room, visible]) => ({
  name: `${room}-sees-only-${visible.join("-") || "itself"}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, ...visible].join("|")})/` },
}));

// The folders of src/domain, in rows: a folder may import those of earlier rows, and those before it in its own row.
const domainRows = [
  ["core"],
  ["references", "query"],
  ["recording", "events", "lineage"],
  ["projects", "artifacts", "versions", "runs", "promotion", "webhooks", "subscriptions"],
  ["blobs"],
  ["deletion", "files"],
];
const domainFolders = domainRows.flat();

const domainRules = domainFolders.map((folder, i) => ({
  name: `domain-${folder}-sees-only-earlier-folders`,
  comment: "The folders of src/domain import each other in one direction only.",
  severity: "error",
  from: { path: `^src/domain/${folder}/` },
  to: { path: "^src/domain/", pathNot: `^src/domain/(${domainFolders.slice(0, i + 1).join("|")})/` },
}));

const domainIsWhole = {
  name: "domain-folder-is-listed",
  comment: "A new folder of src/domain needs its place in domainRows.",
  severity: "error",
  from: { path: "^src/domain/", pathNot: `^src/domain/(${domainFolders.join("|")})/` },
  to: {},
};

const adapterRule = {
  name: "adapter-sees-only-ports-and-model",
  comment: "An adapter knows lib, the ports, the model, what all adapters share, and itself; never another adapter.",
  severity: "error",
  from: { path: "^src/adapters/([^/]+)/" },
  to: { path: "^src/", pathNot: "^src/(lib|ports|model|adapters/(shared|$1))/" },
};

// Each client of a store stays in the one folder that speaks with that store.
const drivers = { "neo4j-driver": "neo4j", minio: "s3", "@grafeo-db/js": "grafeo" };

const driverRules = Object.entries(drivers).map(([driver, folder]) => ({
  name: `${folder}-alone-uses-its-driver`,
  severity: "error",
  from: { path: "^src/", pathNot: `^src/adapters/${folder}/` },
  to: { path: `^(node_modules/)?${driver}(/|-|$)` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...roomRules,
    ...domainRules,
    domainIsWhole,
    adapterRule,
    ...driverRules,
    {
      name: "only-service-composes",
      comment: "The command line and the configuration reach the rooms through service.ts alone.",
      severity: "error",
      from: { path: "^src/(main|config)\\.ts$" },
      to: { path: "^src/(adapters|auth|domain|graphql|http|live|model|ports)/" },
    },
    {
      name: "no-room-sees-the-composition",
      severity: "error",
      from: { path: "^src/[^/]+/" },
      to: { path: "^src/(main|service|services|jobs|config|open-ports)\\.ts$" },
    },
    {
      name: "inner-rooms-know-no-web-framework",
      comment: "The domain, the ports, the adapters and lib speak neither GraphQL nor HTTP.",
      severity: "error",
      from: { path: "^src/(domain|ports|adapters|lib)/" },
      to: { path: "^node_modules/(graphql|type-graphql|graphql-[^/]+|@apollo/[^/]+|fastify|@fastify/[^/]+|ws)/" },
    },
    {
      name: "src-stands-alone",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|demo|web|scripts)/" },
    },
    {
      name: "src-needs-no-dev-dependency",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: ["^[^/]+$", "^src/main\\.ts$", "^(test|bench|demo|scripts)/", "\\.d\\.ts$"] },
      to: {},
    },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // The parser that goes with TypeScript itself finds no API in TypeScript 7 and would read nothing. This one can't read JSX:
    // biome.json keeps web/ to itself.
    parser: "swc",
    moduleSystems: ["es6"],
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|data|\\.cache)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};

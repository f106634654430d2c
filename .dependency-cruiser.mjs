// Who may import whom: each room of src/ lists the rooms that it may see, and everything else of ours is closed to it.
const rooms = {
  model: [],
  ports: ["model"],
  domain: ["ports", "model"],
  auth: ["domain"],
  graphql: ["domain", "model", "auth"],
  http: ["domain", "model", "auth"],
};

const roomRules = Object.entries(rooms).map(([room, visible]) => ({
  name: `${room}-sees-only-${visible.join("-") || "itself"}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, ...visible].join("|")})/` },
}));

const adapterRule = {
  name: "adapter-sees-only-ports-and-model",
  comment: "An adapter knows the ports, the model and itself, never another adapter.",
  severity: "error",
  from: { path: "^src/adapters/([^/]+)/" },
  to: { path: "^src/", pathNot: "^src/(ports|model|adapters/$1)/" },
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
    adapterRule,
    ...driverRules,
    {
      name: "only-service-composes",
      comment: "The command line and the configuration reach the rooms through service.ts alone.",
      severity: "error",
      from: { path: "^src/(main|config)\\.ts$" },
      to: { path: "^src/(adapters|auth|domain|graphql|http|model|ports)/" },
    },
    {
      name: "no-room-sees-the-composition",
      severity: "error",
      from: { path: "^src/[^/]+/" },
      to: { path: "^src/(main|service|config)\\.ts$" },
    },
    {
      name: "inner-rooms-know-no-web-framework",
      comment: "The domain, the ports and the adapters speak neither GraphQL nor HTTP.",
      severity: "error",
      from: { path: "^src/(domain|ports|adapters)/" },
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

import { apiSuite } from "./api-suite.ts";
import { engines } from "./service.ts";

for (const engine of engines) if (engine.name === "neo4j") apiSuite(engine);

import { apiSuite } from "./api-suite.ts";
import { engines } from "./service.ts";

for (const engine of engines) if (engine.name === "grafeo") apiSuite(engine);

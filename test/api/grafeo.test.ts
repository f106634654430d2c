import { engines } from "../support/service.ts";
import { apiSuite } from "./suite.ts";

for (const engine of engines) if (engine.name === "grafeo") apiSuite(engine);

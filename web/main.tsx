import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./page.css";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { createFetcher } from "./fetcher.ts";
import mark from "./mark.svg";
import { defaultTabs } from "./tabs.ts";

const fetcher = createFetcher(window.location.origin);

function Page() {
  return (
    <div className="page">
      <header className="bar">
        <img src={mark} alt="" />
        <h1>Pedigree</h1>
        <p>where every version came from, and what it feeds</p>
      </header>
      <main className="editor">
        <GraphiQL fetcher={fetcher} defaultTabs={defaultTabs} isHeadersEditorEnabled>
          <GraphiQL.Logo>
            <span className="path">/graphql</span>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </div>
  );
}

const place = document.getElementById("page");
if (place) createRoot(place).render(<Page />);

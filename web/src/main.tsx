// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Refusal } from "./api/client";
import { router } from "./router";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/drawing.css";
import "./styles/pages.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say when something changed; until then what was read is true.
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (tries, error) => error instanceof Refusal && (error.status === 0 || error.status >= 500) && tries < 3,
    },
  },
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

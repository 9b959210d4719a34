/** Starts the console. */
// First, so that components come after it and may differ.
import './styles/tokens.css';
import './styles/base.css';
import './styles/boot.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { newClient } from './api/cache';
import { whoIsIt } from './api/session';
import { newRouter } from './shell/routes';
import { Toasts } from './ui/Toasts';
import { TooltipScope } from './ui/Tooltip';

const root = document.getElementById('root');
if (root) {
  const client = newClient();
  // While the page's own scripts are on their way.
  void client.prefetchQuery(whoIsIt);
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <TooltipScope>
          <RouterProvider router={newRouter()} />
          <Toasts />
        </TooltipScope>
      </QueryClientProvider>
    </StrictMode>,
  );
}

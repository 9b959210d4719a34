/** Every address and the file of its page. Each page is a chunk of its own. */
import type { ComponentType } from 'react';
import { type RouteObject, createBrowserRouter } from 'react-router';
import { Boot } from './Boot';
import { Broken } from './Broken';
import { NotFound } from './NotFound';
import { RequireSession } from './RequireSession';

type PageModule = { default: ComponentType };

const page = (path: string, load: () => Promise<PageModule>): RouteObject => ({
  path,
  lazy: async () => ({ Component: (await load()).default }),
});

const PAGES: RouteObject[] = [
  page('/', () => import('@/pages/overview/Overview')),

  page('/devices', () => import('@/pages/fleet/Devices')),
  page('/devices/:id', () => import('@/pages/fleet/Device')),
  page('/apps', () => import('@/pages/fleet/Apps')),
  page('/apps/:app', () => import('@/pages/fleet/App')),
  page('/mcp-servers', () => import('@/pages/fleet/McpServers')),
  page('/mcp-servers/:identity', () => import('@/pages/fleet/McpServer')),
  page('/access-requests', () => import('@/pages/fleet/AccessRequests')),

  page('/requests', () => import('@/pages/traffic/RequestLog')),
  page('/requests/:id', () => import('@/pages/traffic/RequestDetail')),
  page('/usage', () => import('@/pages/traffic/Usage')),
  page('/keys', () => import('@/pages/traffic/Keys')),
  page('/teams', () => import('@/pages/traffic/Teams')),
  page('/users', () => import('@/pages/traffic/Users')),
  page('/budgets', () => import('@/pages/traffic/Budgets')),
  page('/providers', () => import('@/pages/traffic/Providers')),

  page('/guardrails', () => import('@/pages/guardrails/Guardrails')),

  page('/audit', () => import('@/pages/trust/Audit')),
  page('/settings', () => import('@/pages/trust/Settings')),
  page('/account', () => import('@/pages/trust/Account')),
];

export const newRouter = () =>
  createBrowserRouter([
    {
      errorElement: <Broken />,
      hydrateFallbackElement: <Boot />,
      children: [
        page('/sign-in', () => import('@/pages/sign-in/SignIn')),
        {
          element: <RequireSession />,
          children: [
            {
              errorElement: <Broken />,
              children: [...PAGES, { path: '*', element: <NotFound /> }],
            },
          ],
        },
      ],
    },
  ]);

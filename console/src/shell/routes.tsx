/** Which page stands at which address, and what stands around it. */
import { type RouteObject, createBrowserRouter } from 'react-router';
import { Boot } from './Boot';
import { Broken } from './Broken';
import { NotFound } from './NotFound';
import { RequireSession } from './RequireSession';
import { type LoadPage, PAGES } from './pages';

const page = (path: string, load: LoadPage): RouteObject => ({
  path,
  lazy: async () => ({ Component: (await load()).default }),
});

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
              children: [
                ...PAGES.map(([path, load]) => page(path, load)),
                { path: '*', element: <NotFound /> },
              ],
            },
          ],
        },
      ],
    },
  ]);

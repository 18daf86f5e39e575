import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { HubProblem } from '../api/http.ts'
import { fetchSession } from '../api/session.ts'
import { Broken, NotFound } from './broken.tsx'
import { parseSearch, plainSearch, stringifySearch } from './search.ts'
import { Shell } from './shell.tsx'

const root = createRootRoute({ notFoundComponent: NotFound, errorComponent: Broken })

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: plainSearch,
  component: lazyRouteComponent(() => import('../pages/login/page.tsx')),
})

const password = createRoute({
  getParentRoute: () => root,
  path: '/password',
  component: lazyRouteComponent(() => import('../pages/login/password-page.tsx')),
})

const secondFactor = createRoute({
  getParentRoute: () => root,
  path: '/second-factor',
  component: lazyRouteComponent(() => import('../pages/login/second-factor-page.tsx')),
})

/** Who may not read the hub's orders has the form for its own, and a password. */
const dealerPages: readonly string[] = ['/orders/new', '/settings']

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  validateSearch: plainSearch,
  beforeLoad: async ({ location }) => {
    try {
      const session = await fetchSession()
      if (session.user.must_change) throw redirect({ to: '/password' })
      if (session.user.must_enrol) throw redirect({ to: '/second-factor' })
      if (!session.user.scopes.includes('orders:read') && !dealerPages.includes(location.pathname)) throw redirect({ to: '/orders/new' })
    } catch (error) {
      if (error instanceof HubProblem && error.status === 401) throw redirect({ to: '/login', search: { next: location.href } })
      throw error
    }
  },
})

const page = <const P extends string>(path: P, load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => shell, path, component: lazyRouteComponent(load) })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/orders' })
  },
})

const tree = root.addChildren([
  home,
  login,
  password,
  secondFactor,
  shell.addChildren([
    page('/orders', () => import('../pages/orders/page.tsx')),
    page('/orders/new', () => import('../pages/new-order/page.tsx')),
    page('/orders/$id', () => import('../pages/order/page.tsx')),
    page('/board', () => import('../pages/board/page.tsx')),
    page('/alerts', () => import('../pages/alerts/page.tsx')),
    page('/failures', () => import('../pages/failures/page.tsx')),
    page('/replays', () => import('../pages/replays/page.tsx')),
    page('/stock', () => import('../pages/stock/page.tsx')),
    page('/stock/places', () => import('../pages/stock-places/page.tsx')),
    page('/stock/rules', () => import('../pages/stock-rules/page.tsx')),
    page('/stock/plan', () => import('../pages/stock-plan/page.tsx')),
    page('/stock/takes', () => import('../pages/stock-takes/page.tsx')),
    page('/stock/incidents', () => import('../pages/stock-incidents/page.tsx')),
    page('/stock/incidents/$id', () => import('../pages/stock-incidents/detail.tsx')),
    page('/effects', () => import('../pages/effects/page.tsx')),
    page('/connections', () => import('../pages/connections/page.tsx')),
    page('/connections/new', () => import('../pages/connections/wizard.tsx')),
    page('/connections/$id', () => import('../pages/connections/detail.tsx')),
    page('/listings', () => import('../pages/listings/page.tsx')),
    page('/drift', () => import('../pages/drift/page.tsx')),
    page('/mappings', () => import('../pages/mappings/page.tsx')),
    page('/files', () => import('../pages/files/page.tsx')),
    page('/ledger', () => import('../pages/ledger/page.tsx')),
    page('/settings', () => import('../pages/settings/page.tsx')),
  ]),
])

export const router = createRouter({ routeTree: tree, parseSearch, stringifySearch, defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

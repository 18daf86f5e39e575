import { z } from 'zod'
import { audit } from '../../store/people/audit.ts'
import { type SessionUser, closeSession, findSession, openSession, sessionHash } from '../../store/people/sessions.ts'
import { type LoginResult, changePassword, checkLogin } from '../../store/people/users.ts'
import type { HttpDeps } from '../deps.ts'
import { connectionId, done, line, nothing } from '../fields.ts'
import { requirePerson, spareGuesses } from '../own-account.ts'
import { isHttps, requireOwnOrigin, sessionCookieName } from '../principal.ts'
import { Problem } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'
import { scopesOfRoles } from '../scopes.ts'

const user = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  connections: z.array(connectionId).nullable(),
  locations: z.array(z.string()).nullable(),
  must_change: z.boolean(),
  second_factor: z.boolean(),
  must_enrol: z.boolean(),
})
const signedIn = z.object({ user })

const userView = (person: SessionUser) => ({
  user: {
    id: person.id,
    name: person.name,
    roles: person.roles,
    scopes: [...scopesOfRoles(person.roles)],
    connections: person.connections,
    locations: person.locations,
    must_change: person.must_change,
    second_factor: person.second_factor,
    must_enrol: person.must_enrol,
  },
})

/** How long a sign-in lasts at most, when nobody says. */
const SESSION_HOURS = 12

const cookie = (deps: HttpDeps, value: string, maxAge: number): string =>
  `${sessionCookieName(isHttps(deps))}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${isHttps(deps) ? '; Secure' : ''}`

const signIn = route({
  method: 'post',
  path: '/v1/session',
  tag: 'Session',
  summary: 'Sign in with name and password, and a code where the person has a second factor',
  scope: 'public',
  params: nothing,
  query: nothing,
  body: z.strictObject({ name: line(100), password: z.string().min(1).max(200), code: line(40).optional() }),
  answer: signedIn,
  secretAnswer: true,
  async handle({ deps, body, request, clientIp }) {
    requireOwnOrigin(deps, request)
    const wait = deps.gates.logins.wait(body.name, clientIp)
    if (wait > 0) throw new Problem(429, 'rate-limited', 'Too many attempts to sign in.', { retryAfterSeconds: wait })
    const result = await checkLogin(deps.pool, deps.secrets, { ...body, code: body.code?.trim() }, deps.now())
    if (!result.ok) throw await refusal(deps, body.name, result.reason, clientIp)
    deps.gates.logins.right(body.name, clientIp)
    const hours = deps.settings.sessionHours ?? SESSION_HOURS
    const session = await openSession(deps.pool, result.user.id, { ip: clientIp, agent: request.headers.get('user-agent') ?? '' }, hours)
    await audit(
      deps.pool,
      {
        actor: `user:${result.user.name}`,
        action: 'session.open',
        subject: result.user.id,
        details: { ip: clientIp, code: body.code !== undefined },
      },
      deps.now(),
    )
    const user = await findSession(deps.pool, session)
    if (!user) throw new Problem(401, 'not-signed-in', 'This session is over. Sign in again.')
    return new Reply(userView(user), { headers: { 'set-cookie': cookie(deps, session, hours * 3600) } })
  },
})

type Refused = Extract<LoginResult, { readonly ok: false }>['reason']

/** Says no more than that it did not work, but to whom knew the password: that a code is missing or does not fit. */
async function refusal(deps: HttpDeps, name: string, reason: Refused, ip: string): Promise<Problem> {
  if (reason === 'code-needed') return new Problem(401, 'code-needed', 'Enter the code of your authenticator app.')
  await audit(deps.pool, { actor: 'nobody', action: 'session.refused', subject: name, details: { reason, ip } }, deps.now())
  return reason === 'code-wrong'
    ? new Problem(401, 'code-wrong', 'This code does not fit, or it was used already. Wait for the next one.')
    : new Problem(401, 'sign-in-refused', 'Name or password is not right, or the name is locked for a while.')
}

const whoAmI = route({
  method: 'get',
  path: '/v1/session',
  tag: 'Session',
  summary: 'Who is signed in',
  scope: 'signed-in',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.union([
    signedIn,
    z.object({ key: z.object({ actor: z.string(), scopes: z.array(z.string()), connections: z.array(connectionId).nullable() }) }),
  ]),
  async handle({ who }) {
    if (who.user === undefined) return { key: { actor: who.actor, scopes: [...who.scopes], connections: who.connections } }
    return userView({
      ...who.user,
      connections: who.connections,
      locations: who.locations,
      must_change: who.user.mustChange,
      second_factor: who.user.secondFactor,
      must_enrol: who.user.mustEnrol,
    })
  },
})

const signOut = route({
  method: 'delete',
  path: '/v1/session',
  tag: 'Session',
  summary: 'Sign out',
  scope: 'signed-in',
  audit: 'session.close',
  status: 204,
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who }) {
    if (who.session !== undefined) await closeSession(deps.pool, who.session)
    return new Reply(null, { headers: { 'set-cookie': cookie(deps, '', 0) } })
  },
})

const newPassword = route({
  method: 'post',
  path: '/v1/session/password',
  tag: 'Session',
  summary: 'Change the own password; other sessions end',
  scope: 'signed-in',
  audit: 'session.password',
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({ current: z.string().min(1).max(200), next: z.string().min(1).max(200) }),
  answer: done,
  async handle({ deps, who, body, clientIp }) {
    const { user, session } = requirePerson(who)
    const change = { userId: user.id, current: body.current, next: body.next, keepSession: sessionHash(session) }
    await spareGuesses(deps, { name: user.name, address: clientIp }, () => changePassword(deps.pool, change))
    return { ok: true }
  },
})

export const sessionRoutes: readonly Route[] = [signIn, whoAmI, signOut, newPassword]

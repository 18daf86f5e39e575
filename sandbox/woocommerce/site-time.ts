/**
 * WordPress dates: `YYYY-MM-DDTHH:MM:SS`, whole seconds, never with an offset. `date_x` is the site's local wall clock,
 * `date_x_gmt` is UTC, and only the name tells them apart.
 */
export interface SiteTime {
  /** UTC text of an instant, without Z. */
  gmt(at: number): string
  /** The site's wall clock. */
  local(at: number): string
  /** Reads a date parameter as the database column it is compared with. Undefined when it is not a date. */
  parse(text: string, asGmt: boolean): number | undefined
  readonly timezone: string
}

export function createSiteTime(timezone: string): SiteTime {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const gmt = (at: number): string => new Date(at).toISOString().slice(0, 19)
  const local = timezone === 'UTC' ? gmt : (at: number): string => format.format(at).replace(', ', 'T')
  const offsetAt = (at: number): number => Date.parse(`${local(at)}Z`) - Math.floor(at / 1000) * 1000
  const fromWall = (wall: number): number => {
    const guess = wall - offsetAt(wall)
    return wall - offsetAt(guess)
  }
  return {
    gmt,
    local,
    timezone,
    parse(text, asGmt) {
      const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(text)
      if (!match) return undefined
      const [, day = '', hour = '00:00:00', zone] = match
      const wall = Date.parse(`${day}T${hour.length === 5 ? `${hour}:00` : hour}Z`)
      if (Number.isNaN(wall)) return undefined
      if (zone === undefined) return asGmt ? wall : fromWall(wall)
      // WordPress turns a date that carries an offset into the site's wall clock and then compares that text with
      // the column asked for: right for the local column, off by the site's offset for the GMT one.
      const instant = Date.parse(`${day}T${hour.length === 5 ? `${hour}:00` : hour}${zone}`)
      return asGmt ? Date.parse(`${local(instant)}Z`) : instant
    },
  }
}

import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

/** Pointing at a value in the document: which field asks for it, and what it does with the place. */
export interface Picking {
  /** The field that asks; undefined while nobody does. */
  readonly active: string | undefined
  readonly start: (field: string) => void
  readonly stop: () => void
  /** Called by the document when a place was chosen. */
  readonly take: (pointer: string) => void
  /** The asking field says, whenever it is drawn, what is to be done. */
  readonly listen: (field: string, to: (pointer: string) => void) => void
}

export const usePicking = (): Picking => {
  const [active, setActive] = useState<string>()
  const listener = useRef<{ readonly field: string; readonly to: (pointer: string) => void }>(undefined)
  const stop = useCallback(() => {
    setActive((field) => {
      // Back to where it was asked for, for whoever has no mouse.
      if (field !== undefined) setTimeout(() => document.getElementById(field)?.focus())
      return undefined
    })
  }, [])
  const take = useCallback(
    (pointer: string) => {
      listener.current?.to(pointer)
      stop()
    },
    [stop],
  )
  const listen = useCallback((field: string, to: (pointer: string) => void) => void (listener.current = { field, to }), [])
  useEffect(() => {
    if (active === undefined) return undefined
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') stop()
    }
    window.addEventListener('keydown', leave)
    return () => window.removeEventListener('keydown', leave)
  }, [active, stop])
  return useMemo(() => ({ active, start: setActive, stop, take, listen }), [active, stop, take, listen])
}

import { useEffect, useRef } from 'react'

const storageKey = 'hub.singleKeys'

/** Single-letter keys can be switched off, for people whose tools type letters on their own. */
export const singleKeysOn = (): boolean => localStorage.getItem(storageKey) !== 'off'
export const setSingleKeys = (on: boolean): void => localStorage.setItem(storageKey, on ? 'on' : 'off')

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

const onControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button, a, [role="button"], [role="option"], [role="menuitem"]') !== null

const dialogOpen = (): boolean => document.querySelector('.ant-modal-wrap:not([style*="display: none"]), .command') !== null

export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Names a press: "mod+k" for Ctrl or Command, "shift+x", else the key itself. */
const nameOf = (event: KeyboardEvent): string => {
  if (event.metaKey || event.ctrlKey) return `mod+${event.key.toLowerCase()}`
  if (event.altKey) return ''
  return event.shiftKey && /^[a-z]$/i.test(event.key) ? `shift+${event.key.toLowerCase()}` : event.key
}

/**
 * Binds keys while the component is shown. Letters stay silent in inputs and under dialogs; Enter stays
 * silent on a focused control, which has its own meaning for it.
 */
export const useKeys = (keys: KeyMap, enabled = true): void => {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    if (!enabled) return undefined
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return
      const name = nameOf(event)
      const action = latest.current[name]
      if (action === undefined) return
      const single = !name.startsWith('mod+') && name !== 'Escape'
      if (single && (typing(event.target) || dialogOpen() || (name.length === 1 && !singleKeysOn()))) return
      if (name === 'Enter' && onControl(event.target)) return
      if (name === 'Escape' && dialogOpen()) return
      action(event)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [enabled])
}

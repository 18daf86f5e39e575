import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { singleKeysOn } from '../ui/keys.ts'

const places = { b: '/board', o: '/orders', c: '/connections', f: '/failures', i: '/stock', n: '/orders/new' } as const
const wait = 1200

const isPlace = (key: string): key is keyof typeof places => key in places

/** "g" and then a letter goes to a page. The first press is forgotten after a moment or when it was meant for an input. */
export const useGoKeys = (): void => {
  const navigate = useNavigate()
  const pressed = useRef(0)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target
      if (event.metaKey || event.ctrlKey || event.altKey || !singleKeysOn()) return
      if (target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))) return
      if (event.key === 'g') {
        pressed.current = Date.now()
        return
      }
      if (Date.now() - pressed.current < wait && isPlace(event.key)) {
        event.preventDefault()
        event.stopImmediatePropagation()
        void navigate({ to: places[event.key] })
      }
      pressed.current = 0
    }
    // Captured, so that "g o" is not also read as "o" by the page.
    document.addEventListener('keydown', onKey, { capture: true })
    return () => document.removeEventListener('keydown', onKey, { capture: true })
  }, [navigate])
}

import { Input } from 'antd'
import type { InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../app/use-search.ts'
import { Icon } from './icon.tsx'
import { useKeys } from './keys.ts'

const settle = 250

/** A filter typed into a box; it reaches the address when typing pauses. "/" goes to the box, Enter takes it at once and gives the keys back to the page. */
export const TextFilter = ({ name, label }: { readonly name: string; readonly label: string }): ReactElement => {
  const [search, setSearch] = useAddress()
  const current = search[name] ?? ''
  const [text, setText] = useState(current)
  const input = useRef<InputRef>(null)
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== current) setSearch({ [name]: text }, true)
    }, settle)
    return () => clearTimeout(timer)
  }, [text, current, name, setSearch])
  useKeys({
    '/': (event) => {
      event.preventDefault()
      input.current?.focus()
    },
  })
  return (
    <Input
      ref={input}
      allowClear
      style={{ width: 248 }}
      value={text}
      aria-label={label}
      placeholder={label}
      prefix={<Icon name="search" tone="mute" />}
      suffix={text === '' ? <kbd className="kbd">/</kbd> : <span />}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => {
        if (text !== current) setSearch({ [name]: text }, true)
        input.current?.blur()
      }}
    />
  )
}

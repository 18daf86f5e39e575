import { Dropdown, Input, Select } from 'antd'
import type { InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { useKeys } from '../../ui/keys.ts'
import { choices, splitIds } from './filters.ts'

const extra = ['payment', 'fulfilment', 'approval', 'after_sale', 'sku', 'from', 'to'] as const
type Extra = (typeof extra)[number]
const isChoice = (name: Extra): name is keyof typeof choices => name in choices

/** One box for a word or for many numbers at once: pasting a column of ids looks them all up. */
const SearchBox = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [text, setText] = useState(search['q'] ?? '')
  const input = useRef<InputRef>(null)
  useEffect(() => setText(search['q'] ?? ''), [search['q']])
  useKeys({
    '/': (event) => {
      event.preventDefault()
      input.current?.focus()
    },
  })
  const submit = (value: string): void => {
    const ids = splitIds(value)
    if (ids.length > 1) setSearch({ ids: ids.join(','), q: undefined, panel: undefined })
    else setSearch({ q: value.trim(), ids: undefined })
  }
  return (
    <Input
      ref={input}
      className="order-search"
      value={text}
      allowClear
      prefix={<Icon name="search" tone="mute" />}
      suffix={text === '' ? <kbd className="kbd">/</kbd> : <span />}
      placeholder={t('orders.searchPlaceholder')}
      aria-label={t('orders.searchLabel')}
      onChange={(event) => {
        setText(event.target.value)
        if (event.target.value === '') setSearch({ q: undefined, ids: undefined })
      }}
      onPaste={(event) => {
        const pasted = event.clipboardData.getData('text')
        if (splitIds(pasted).length < 2) return
        event.preventDefault()
        submit(pasted)
      }}
      onPressEnter={() => submit(text)}
    />
  )
}

const Chip = ({
  name,
  value,
  onRemove,
  children,
}: {
  readonly name: string
  readonly value: string
  readonly onRemove: () => void
  readonly children?: ReactNode
}): ReactElement => {
  const { t } = useWords()
  return (
    <span className="chip">
      <span className="k">{name}</span> {children ?? value}{' '}
      <button type="button" className="icb" style={{ width: 16, height: 16 }} aria-label={t('orders.dropFilter', { name })} onClick={onRemove}>
        <Icon name="close" small />
      </button>
    </span>
  )
}

const ExtraFilter = ({ name }: { readonly name: Extra }): ReactElement => {
  const { t, label } = useWords()
  const [search, setSearch] = useAddress()
  const word = t(`orders.filter.${name}`)
  const value = search[name] ?? ''
  const remove = (): void => setSearch({ [name]: undefined })
  if (isChoice(name)) {
    return (
      <Chip name={word} value={value} onRemove={remove}>
        <Select
          variant="borderless"
          size="small"
          aria-label={word}
          popupMatchSelectWidth={false}
          value={value}
          options={choices[name].map((one) => ({ value: one, label: label(name, one) }))}
          onChange={(next) => setSearch({ [name]: next })}
        />
      </Chip>
    )
  }
  return (
    <Chip name={word} value={value} onRemove={remove}>
      <Input
        variant="borderless"
        size="small"
        aria-label={word}
        style={{ width: name === 'sku' ? 120 : 128 }}
        type={name === 'sku' ? 'text' : 'date'}
        defaultValue={value}
        onChange={(event) => {
          if (name !== 'sku') setSearch({ [name]: event.target.value })
        }}
        onBlur={(event) => {
          if (name === 'sku') setSearch({ sku: event.target.value.trim() })
        }}
        onPressEnter={(event) => setSearch({ [name]: event.currentTarget.value.trim() })}
      />
    </Chip>
  )
}

const today = (): string => new Date().toLocaleDateString('sv-SE')

/** Every condition as a chip; the whole set is in the address. */
export const FilterBar = ({ children }: { readonly children: ReactNode }): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [opened, setOpened] = useState<readonly Extra[]>([])
  const connections = useConnections(30_000)
  const shown = extra.filter((name) => search[name] !== undefined || opened.includes(name))
  const open = (name: Extra): void => {
    if (isChoice(name)) setSearch({ [name]: choices[name][0] })
    else if (name === 'sku') setOpened([...opened, name])
    else setSearch({ [name]: today() })
  }
  return (
    <div className="row g8 wrap filter-bar">
      <SearchBox />
      <span className="chip">
        <span className="k">{t('common.connection')}</span>
        <Select
          variant="borderless"
          size="small"
          aria-label={t('common.connection')}
          popupMatchSelectWidth={false}
          value={search['connection'] ?? ''}
          onChange={(value) => setSearch({ connection: value })}
          options={[{ value: '', label: t('common.all') }, ...(connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))]}
        />
      </span>
      {shown.map((name) => (
        <ExtraFilter key={name} name={name} />
      ))}
      <Dropdown
        trigger={['click']}
        menu={{
          items: extra
            .filter((name) => !shown.includes(name))
            .map((name) => ({ key: name, label: t(`orders.filter.${name}`), onClick: () => open(name) })),
        }}
      >
        <button type="button" className="chip dash">
          <Icon name="plus" small />
          {t('orders.addFilter')}
        </button>
      </Dropdown>
      <span className="end row g8 s12 t3">{children}</span>
    </div>
  )
}

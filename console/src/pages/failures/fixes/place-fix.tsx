import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { checkConnection, chooseSetting } from '../../../api/connections.ts'
import { pushAgain } from '../../../api/fixes.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Failed, Skeleton } from '../../../ui/state.tsx'
import { tell } from '../../../ui/undo.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'

/** The channel keeps these goods in several places: choose the one the hub's numbers are for, and tell it what was refused. */
export const PlaceFix = ({ group }: FixProps): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const id = group.connection_id ?? ''
  const check = useQuery({ queryKey: ['places', id], queryFn: () => checkConnection(id), staleTime: 60_000 })
  const offers = check.data?.steps.find((step) => step.offers !== undefined)?.offers
  const [place, setPlace] = useState<string | undefined>(undefined)
  const save = useMutation({
    mutationFn: async () => {
      if (offers === undefined || place === undefined) throw new Error(t('fixes.choosePlace'))
      await chooseSetting(id, { setting: offers.setting, value: place, group: group.id })
      return pushAgain(group.id, t('fixes.placeReason'))
    },
    onSuccess: async ({ effects }) => {
      await fixed()
      tell(t('fixes.sentAgain', { count: effects }))
    },
  })
  if (check.isError) return <Failed error={check.error} what={t('fixes.places')} retry={() => void check.refetch()} />
  if (check.isPending) return <Skeleton rows={2} />
  const ready = place !== undefined
  return (
    <section className="sect col g12">
      <h2>{t('fixes.fixPlace')}</h2>
      <p className="t2">{t('fixes.placeText')}</p>
      <Select
        showSearch
        aria-label={t('fixes.fixPlace')}
        placeholder={t('fixes.choosePlace')}
        value={place ?? null}
        onChange={setPlace}
        options={(offers?.values ?? []).map(({ value, name }) => ({ value, label: `${name} · ${value}` }))}
        optionFilterProp="label"
      />
      {(save.isError || check.data?.fault !== undefined) && (
        <div className="note bad" role="alert">
          {save.error?.message ?? check.data?.fault?.message}
        </div>
      )}
      <div>
        <Button
          type="primary"
          className="fix-go"
          icon={<Icon name="send" />}
          loading={save.isPending}
          aria-disabled={!ready}
          title={ready ? undefined : t('fixes.choosePlace')}
          onClick={() => ready && save.mutate()}
        >
          {t('fixes.placeSend', { count: group.count })}
        </Button>
      </div>
    </section>
  )
}

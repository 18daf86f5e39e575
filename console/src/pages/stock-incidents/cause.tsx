import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { IncidentCause } from '../../api/incidents.ts'
import { formatCount } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'

interface CauseProps {
  readonly cause: IncidentCause
  readonly nameOf: (connection: string) => string
}

/** One cause as a sentence, with how long it took and the order it is about. */
export const Cause = ({ cause, nameOf }: CauseProps): ReactElement => {
  const { t, label, language } = useWords()
  const words = {
    connection: nameOf(cause.connection_id ?? ''),
    order: cause.order_no ?? '',
    level: formatCount(cause.level),
    quantity: formatCount(cause.quantity),
  }
  return (
    <span>
      {label('incidentCause', cause.code, words)}
      {cause.seconds !== undefined && <span className="t3"> {t('incidents.took', { span: formatSpan(cause.seconds * 1000, language) })}</span>}
      {cause.order_id !== undefined && (
        <>
          {' '}
          <Link to="/orders/$id" params={{ id: cause.order_id }} className="nw in-text">
            {t('incidents.openOrder')}
          </Link>
        </>
      )}
    </span>
  )
}

import { DAY_US } from './formats.ts';
import type { Random } from './random.ts';

/** Where an order stands, and since when. */
export interface OrderStory {
  status: 'pending' | 'paid' | 'shipped' | 'delivered' | 'returned' | 'cancelled';
  updatedUs: number;
}

/** Draws what happens to an order and tells the last event that had happened by `knownUntilUs`. */
export function drawStory(random: Random, orderedUs: number, knownUntilUs: number): OrderStory {
  const fate = random.float();
  const paidUs = orderedUs + random.between(20, 7_200) * 1_000_000;
  const shippedUs = paidUs + random.between(6, 60) * 3_600_000_000 + random.below(3_600_000_000);
  const deliveredUs = shippedUs + random.between(1, 6) * DAY_US + random.below(DAY_US / 2);
  const returnedUs = deliveredUs + random.between(3, 28) * DAY_US;

  const events: OrderStory[] = [
    { status: 'pending', updatedUs: orderedUs },
    { status: 'paid', updatedUs: paidUs },
  ];
  if (fate < 0.05) {
    events.push({ status: 'cancelled', updatedUs: paidUs + (shippedUs - paidUs) / 2 });
  } else {
    events.push({ status: 'shipped', updatedUs: shippedUs }, { status: 'delivered', updatedUs: deliveredUs });
    if (fate < 0.09) events.push({ status: 'returned', updatedUs: returnedUs });
  }
  const last = events.findLast((event) => event.updatedUs < knownUntilUs) ?? events[0]!;
  return { status: last.status, updatedUs: Math.floor(last.updatedUs) };
}

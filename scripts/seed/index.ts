export { applyDay, type DaySummary } from './apply-day.ts';
export { breakDay, repairBreak } from './break-day.ts';
export { createShop } from './create-shop.ts';

/** How one of several directories is chosen (contract, section 8). */
export const CHOICES = ['spread', 'in_order'] as const;
export type Choice = (typeof CHOICES)[number];

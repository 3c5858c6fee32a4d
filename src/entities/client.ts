import { Column, Entity, PrimaryColumn } from 'typeorm'

/** An application that speaks Open Payments in its own name. */
@Entity('client')
export class Client {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'client_pkey' })
  id!: string

  @Column('text')
  name!: string

  @Column('text')
  uri!: string

  @Column('text')
  image!: string

  @Column('text')
  email!: string

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date
}

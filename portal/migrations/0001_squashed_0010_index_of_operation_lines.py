"""Everything up to the index of operation lines, made at once."""

from django.conf import settings
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.db import migrations, models

from portal.core.together import CreateTogether
from portal.migrations import _audit_chain, _audit_insert_only


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('portal', '0001_initial'),
        ('portal', '0002_audit_insert_only'),
        ('portal', '0003_setup_failures'),
        ('portal', '0004_audit_tables'),
        ('portal', '0005_audit_chain'),
        ('portal', '0006_notification'),
        ('portal', '0007_digests_and_choices'),
        ('portal', '0008_operations'),
        ('portal', '0009_saved_views'),
        ('portal', '0010_index_of_operation_lines'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateTogether([
            migrations.CreateModel(
                name='AuditCheckpoint',
                fields=[
                    ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('at', models.DateTimeField()),
                    ('statement', models.TextField()),
                    ('signature', models.BinaryField()),
                    ('changed', models.JSONField(default=list)),
                ],
                options={
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='AuditHead',
                fields=[
                    ('stream', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('seq', models.BigIntegerField()),
                    ('prev', models.BinaryField()),
                    ('hash', models.BinaryField()),
                ],
                options={
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='AuditVerification',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ('until', models.DateTimeField()),
                    ('checkpoint', models.BigIntegerField(null=True)),
                    ('checkpoint_at', models.DateTimeField(null=True)),
                    ('entries', models.BigIntegerField()),
                    ('seconds', models.FloatField()),
                    ('faults', models.JSONField(default=list)),
                ],
                options={
                    'get_latest_by': 'at',
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='AuditWitness',
                fields=[
                    ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ('number', models.BigIntegerField(default=0)),
                    ('at', models.DateTimeField(null=True)),
                    ('trouble', models.TextField(blank=True)),
                ],
                options={
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='SetupCode',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code_hash', models.CharField(max_length=128)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('failures', models.PositiveSmallIntegerField(default=0)),
                    ('used_at', models.DateTimeField(null=True)),
                ],
                options={
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                    ('full_name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                    ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                    ('time_zone', models.CharField(blank=True, max_length=64, verbose_name='time zone')),
                    ('is_platform_admin', models.BooleanField(default=False)),
                    ('is_active', models.BooleanField(default=True)),
                    ('is_staff', models.BooleanField(default=False, editable=False)),
                    ('epoch', models.PositiveIntegerField(default=0, editable=False)),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'default_permissions': (),
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once')],
                },
            ),
            migrations.CreateModel(
                name='AuditEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('act', models.CharField(max_length=80)),
                    ('at', models.DateTimeField(auto_now_add=True)),
                    ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('source', models.CharField(max_length=20)),
                    ('address', models.GenericIPAddressField(null=True)),
                    ('address_salt', models.UUIDField(null=True)),
                    ('target_type', models.CharField(max_length=80)),
                    ('target_id', models.BigIntegerField()),
                    ('target_public_id', models.UUIDField(null=True)),
                    ('target_name', models.CharField(blank=True, max_length=200)),
                    ('tenant_id', models.BigIntegerField(null=True)),
                    ('authority_id', models.BigIntegerField(null=True)),
                    ('provider_id', models.BigIntegerField(null=True)),
                    ('before', models.JSONField(default=dict)),
                    ('after', models.JSONField(default=dict)),
                    ('reason', models.TextField(blank=True)),
                ],
                options={
                    'default_permissions': (),
                    'indexes': [models.Index(fields=['tenant_id', '-at', '-id'], name='audit_tenant_newest'), models.Index(fields=['authority_id', '-at', '-id'], name='audit_authority_newest'), models.Index(condition=models.Q(('provider_id__isnull', False)), fields=['provider_id', '-at', '-id'], name='audit_provider_newest'), models.Index(fields=['actor', '-at'], name='audit_actor_newest'), models.Index(fields=['target_type', 'target_id', '-id'], name='audit_target_newest'), models.Index(fields=['-at', '-id'], name='audit_newest'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='audit_at_brin')],
                },
            ),
            migrations.CreateModel(
                name='MailDigest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('next_at', models.DateTimeField()),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('given_up_at', models.DateTimeField(null=True)),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('fence', models.PositiveBigIntegerField(default=0)),
                ],
                options={
                    'default_permissions': (),
                    'indexes': [models.Index(fields=['user', '-created_at'], name='digest_of_user_newest'), models.Index(condition=models.Q(('given_up_at__isnull', True), ('sent_at__isnull', True)), fields=['next_at'], name='digest_to_send')],
                },
            ),
            migrations.CreateModel(
                name='NoticeChoice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notice_choice', to=settings.AUTH_USER_MODEL)),
                    ('rhythm', models.CharField(choices=[('soon', 'Soon: what happened in a quarter of an hour'), ('hourly', 'Once an hour'), ('daily', 'Once a day'), ('weekly', 'Once a week, on Monday'), ('never', 'Never')], default='daily', max_length=10, verbose_name='mail')),
                    ('hour', models.PositiveSmallIntegerField(default=8, verbose_name='at')),
                    ('not_in_bell', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                    ('not_by_mail', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ],
                options={
                    'default_permissions': (),
                    'constraints': [models.CheckConstraint(condition=models.Q(('hour__lte', 23)), name='notice_choice_hour_of_the_day')],
                },
            ),
            migrations.CreateModel(
                name='Operation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('kind', models.CharField(max_length=60, verbose_name='kind')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to=settings.AUTH_USER_MODEL)),
                    ('tenant_id', models.BigIntegerField(null=True)),
                    ('authority_id', models.BigIntegerField(null=True)),
                    ('about', models.CharField(blank=True, max_length=200, verbose_name='about')),
                    ('target_type', models.CharField(blank=True, max_length=80)),
                    ('target_public_id', models.UUIDField(null=True)),
                    ('language', models.CharField(blank=True, max_length=10)),
                    ('params', models.JSONField(default=dict)),
                    ('state', models.CharField(choices=[('waiting', 'Waiting to begin'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Stopped')], default='waiting', max_length=20, verbose_name='status')),
                    ('cursor', models.JSONField(default=dict)),
                    ('done', models.PositiveBigIntegerField(default=0)),
                    ('total', models.PositiveBigIntegerField(null=True)),
                    ('tally', models.JSONField(default=dict)),
                    ('result', models.JSONField(default=dict)),
                    ('trouble', models.TextField(blank=True)),
                    ('cancel_asked_at', models.DateTimeField(null=True)),
                    ('started_at', models.DateTimeField(null=True, verbose_name='begun')),
                    ('moved_at', models.DateTimeField(null=True)),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                    ('file_name', models.CharField(blank=True, max_length=150)),
                    ('file_size', models.PositiveBigIntegerField(null=True)),
                    ('file_sha256', models.CharField(blank=True, max_length=64)),
                    ('file_until', models.DateTimeField(null=True)),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('fence', models.BigIntegerField(default=0)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    'verbose_name': 'operation',
                    'verbose_name_plural': 'operations',
                    'default_permissions': (),
                    'indexes': [models.Index(fields=['user', '-created_at', '-id'], name='operation_newest'), models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='operation_open'), models.Index(condition=models.Q(('file_until__isnull', False)), fields=['file_until'], name='operation_file')],
                    'constraints': [models.UniqueConstraint(fields=('tenant_id', 'id'), name='operation_of_tenant'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed', 'cancelled'])), name='operation_state_known')],
                },
            ),
            migrations.CreateModel(
                name='SavedView',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                    ('page', models.CharField(max_length=40)),
                    ('name', models.CharField(max_length=60, verbose_name='name')),
                    ('query', models.CharField(blank=True, max_length=1000)),
                    ('circle', models.UUIDField(blank=True, null=True)),
                ],
                options={
                    'default_permissions': (),
                    'indexes': [models.Index(condition=models.Q(('circle__isnull', False)), fields=['circle', 'page'], name='saved_view_shared')],
                    'constraints': [models.UniqueConstraint(fields=('user', 'page', 'name'), name='saved_view_name_once')],
                },
            ),
            migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('position', models.BigAutoField(primary_key=True, serialize=False)),
                    ('event', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='entry', to='portal.auditevent')),
                    ('stream', models.CharField(max_length=40)),
                    ('seq', models.BigIntegerField()),
                    ('prev', models.BinaryField()),
                    ('hash', models.BinaryField()),
                    ('payload', models.TextField()),
                ],
                options={
                    'default_permissions': (),
                    'constraints': [models.UniqueConstraint(fields=('stream', 'seq'), name='audit_entry_once')],
                },
            ),
            migrations.CreateModel(
                name='Notification',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                    ('act', models.CharField(max_length=80)),
                    ('target_type', models.CharField(max_length=80)),
                    ('target_public_id', models.UUIDField()),
                    ('bell', models.BooleanField(default=True)),
                    ('read_at', models.DateTimeField(null=True)),
                    ('digest', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notifications', to='portal.maildigest')),
                ],
                options={
                    'default_permissions': (),
                    'indexes': [models.Index(fields=['user', '-created_at', '-id'], name='notification_newest'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='notification_unread'), models.Index(condition=models.Q(('digest__isnull', False)), fields=['digest'], name='notification_of_digest')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('read_at__isnull', True)), fields=('user', 'act', 'target_type', 'target_public_id'), name='notification_unread_once')],
                },
            ),
            migrations.CreateModel(
                name='OperationLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('operation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='portal.operation')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('tenant_id', models.BigIntegerField(null=True)),
                    ('at', models.DateTimeField(auto_now_add=True)),
                    ('place', models.PositiveBigIntegerField(default=0)),
                    ('tone', models.CharField(choices=[('info', 'Note'), ('good', 'Done'), ('same', 'Unchanged'), ('warn', 'Look at this'), ('bad', 'Wrong')], default='info', max_length=10)),
                    ('subject', models.CharField(blank=True, max_length=200)),
                    ('text', models.TextField()),
                ],
                options={
                    'default_permissions': (),
                    'indexes': [models.Index(fields=['operation', 'id'], name='operation_lines'), models.Index(fields=['operation', 'tone', 'id'], name='operation_lines_of_tone'), models.Index(fields=['tenant_id', 'operation'], name='operation_lines_of_tenant')],
                },
            ),
        ]),
        migrations.RunSQL(_audit_insert_only.REFUSE, _audit_insert_only.UNDO),
        migrations.RunSQL(_audit_chain.FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(_audit_chain.CHAIN, migrations.RunSQL.noop),
        migrations.RunSQL(_audit_chain.REFUSALS, _audit_chain.UNDO),
    ]

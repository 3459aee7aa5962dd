"""Tables of the audit chain; what fills them is the next migration."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0003_setup_failures'),
    ]

    operations = [
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
            name='AuditEntry',
            fields=[
                ('position', models.BigAutoField(primary_key=True, serialize=False)),
                ('stream', models.CharField(max_length=40)),
                ('seq', models.BigIntegerField()),
                ('prev', models.BinaryField()),
                ('hash', models.BinaryField()),
                ('payload', models.TextField()),
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
        migrations.AddField(
            model_name='auditevent',
            name='address_salt',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='provider_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='actor',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('provider_id__isnull', False)), fields=['provider_id', '-at', '-id'], name='audit_provider_newest'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor', '-at'], name='audit_actor_newest'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='event',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='entry', to='portal.auditevent'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.UniqueConstraint(fields=('stream', 'seq'), name='audit_entry_once'),
        ),
    ]

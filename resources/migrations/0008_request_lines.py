import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from resources.migrations._request_guards import GRANT_STAYS, GRANTED, SENT, UNDO



class Migration(migrations.Migration):

    dependencies = [
        ('resources', '0007_guards'),
        ('tenants', '0012_cluster_limit'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccessMode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('slug', models.SlugField(max_length=40, verbose_name='short name')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('name', models.JSONField(default=dict, verbose_name='name')),
                ('about', models.JSONField(default=dict, verbose_name='for whom it is')),
                ('questions', models.JSONField(blank=True, default=list, verbose_name='questions')),
                ('max_gpus', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPUs at once, at most')),
                ('max_gpu_hours', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU hours, at most')),
                ('max_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='months, at most')),
                ('service_days', models.PositiveSmallIntegerField(verbose_name='decided within days')),
                ('auto_decision', models.BooleanField(default=False, verbose_name='rules may decide by themselves')),
                ('offered', models.BooleanField(default=True, verbose_name='offered')),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='place in the list')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='what changed')),
                ('published_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'access mode',
                'verbose_name_plural': 'access modes',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RequestDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=130, verbose_name='name')),
                ('ending', models.CharField(max_length=10)),
                ('size', models.PositiveBigIntegerField(verbose_name='size')),
                ('sha256', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=32, unique=True)),
                ('state', models.CharField(choices=[('waiting', 'Being checked for viruses'), ('clean', 'Checked'), ('unscanned', 'Not checked'), ('infected', 'Virus found')], default='waiting', max_length=20, verbose_name='state')),
                ('finding', models.CharField(blank=True, max_length=200)),
                ('scanned_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RequestSubmission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('revision', models.PositiveIntegerField()),
                ('purpose', models.TextField(max_length=4000)),
                ('stage', models.CharField(blank=True, choices=[('data_preparation', 'Data preparation'), ('training', 'Training'), ('fine_tuning', 'Fine-tuning'), ('inference', 'Inference'), ('edge', 'Edge')], max_length=30)),
                ('mode_answers', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='decisionline',
            name='budget_hours',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='budget_hours',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='supersedes',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='resources.grant'),
        ),
        migrations.AddField(
            model_name='quotarequest',
            name='change',
            field=models.CharField(choices=[('new', 'New GPUs'), ('extension', 'Extension'), ('increase', 'Increase'), ('transfer', 'Transfer to another project')], default='new', editable=False, max_length=20, verbose_name='asks for'),
        ),
        migrations.AddField(
            model_name='quotarequest',
            name='grant',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='resources.grant'),
        ),
        migrations.AddField(
            model_name='quotarequest',
            name='mode_answers',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='quotarequest',
            name='stage',
            field=models.CharField(blank=True, choices=[('data_preparation', 'Data preparation'), ('training', 'Training'), ('fine_tuning', 'Fine-tuning'), ('inference', 'Inference'), ('edge', 'Edge')], max_length=30, verbose_name='life-cycle stage'),
        ),
        migrations.AddField(
            model_name='requestline',
            name='budget_hours',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU hours'),
        ),
        migrations.AddField(
            model_name='requestline',
            name='capped',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='requestline',
            name='cluster',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='resources.cluster', verbose_name='cluster'),
        ),
        migrations.AlterField(
            model_name='requestline',
            name='kind',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='request_lines', to='resources.gpukind', verbose_name='GPU kind'),
        ),
        migrations.AlterField(
            model_name='requestline',
            name='pool',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='request_lines', to='resources.capacitypool'),
        ),
        migrations.AddIndex(
            model_name='requestline',
            index=models.Index(condition=models.Q(('pool__isnull', True)), fields=['kind'], name='line_anywhere'),
        ),
        migrations.AddConstraint(
            model_name='requestline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cluster__isnull', True), ('pool__isnull', True)), models.Q(('cluster__isnull', False), ('pool__isnull', False)), _connector='OR'), name='line_cluster_of_its_pool'),
        ),
        migrations.AddConstraint(
            model_name='requestline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('budget_hours__isnull', True), ('capped', False)), models.Q(('budget_hours__gt', 0), ('budget_hours__isnull', False)), _connector='OR'), name='line_budget_of_something'),
        ),
        migrations.AddField(
            model_name='accessmode',
            name='authority',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='access_modes', to='tenants.authority'),
        ),
        migrations.AddField(
            model_name='accessmode',
            name='set_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='quotarequest',
            name='mode',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='resources.accessmode', verbose_name='access mode'),
        ),
        migrations.AddConstraint(
            model_name='quotarequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('change', 'new'), ('grant__isnull', True)), models.Q(models.Q(('change', 'new'), _negated=True), ('grant__isnull', False)), _connector='OR'), name='request_changes_a_grant'),
        ),
        migrations.AddField(
            model_name='requestdocument',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='requestdocument',
            name='authority',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.authority'),
        ),
        migrations.AddField(
            model_name='requestdocument',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='resources.quotarequest'),
        ),
        migrations.AddField(
            model_name='requestdocument',
            name='tenant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='tenants.tenant'),
        ),
        migrations.AddField(
            model_name='requestsubmission',
            name='authority',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.authority'),
        ),
        migrations.AddField(
            model_name='requestsubmission',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='resources.quotarequest'),
        ),
        migrations.AddField(
            model_name='requestsubmission',
            name='sent_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='requestsubmission',
            name='tenant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='tenants.tenant'),
        ),
        migrations.AddConstraint(
            model_name='accessmode',
            constraint=models.UniqueConstraint(fields=('authority', 'slug', 'version'), name='mode_version_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='accessmode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('max_gpus__isnull', True), ('max_gpus__gt', 0), _connector='OR'), models.Q(('max_gpu_hours__isnull', True), ('max_gpu_hours__gt', 0), _connector='OR'), models.Q(('max_months__isnull', True), ('max_months__gt', 0), _connector='OR'), ('service_days__gt', 0)), name='mode_limits_leave_something'),
        ),
        migrations.AddIndex(
            model_name='requestdocument',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['state', 'id'], name='request_documents_waiting'),
        ),
        migrations.AddConstraint(
            model_name='requestdocument',
            constraint=models.UniqueConstraint(fields=('tenant', 'id'), name='request_document_of_tenant'),
        ),
        migrations.AddConstraint(
            model_name='requestdocument',
            constraint=models.UniqueConstraint(fields=('request', 'sha256'), name='request_document_once'),
        ),
        migrations.AddConstraint(
            model_name='requestdocument',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'unscanned', 'clean', 'infected'))), name='requestdocument_state_known'),
        ),
        migrations.AddConstraint(
            model_name='requestsubmission',
            constraint=models.UniqueConstraint(fields=('request', 'revision'), name='submission_once'),
        ),
        migrations.AddConstraint(
            model_name='requestsubmission',
            constraint=models.UniqueConstraint(fields=('tenant', 'id'), name='submission_of_tenant'),
        ),
        migrations.RunSQL(SENT + GRANTED + GRANT_STAYS, UNDO),
    ]
